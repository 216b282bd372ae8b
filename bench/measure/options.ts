/** `--name value` pairs and `--name` flags of the command line, read once by each benchmark. */
export interface Options {
  number(name: string, fallback: number): number;
  text(name: string, fallback: string): string;
  has(name: string): boolean;
}

/** Reads `process.argv` from its third entry on. */
export function readOptions(words: readonly string[] = process.argv.slice(2)): Options {
  const after = (name: string): string | undefined => {
    const at = words.indexOf(`--${name}`);
    return at < 0 ? undefined : words[at + 1];
  };
  return {
    number: (name, fallback) => Number(after(name) ?? fallback),
    text: (name, fallback) => after(name) ?? fallback,
    has: (name) => words.includes(`--${name}`),
  };
}
