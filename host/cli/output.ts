import type { Problem } from '../../nodes/problem.ts';

/** Where a command writes: results to stdout, everything else to stderr. */
export interface Output {
  /** One line on stdout. */
  result(line: string): void;
  /** One JSON object on a line of stdout. */
  json(value: unknown): void;
  /** A sentence about trouble on stderr. */
  problem(problem: Problem): void;
  /** One line on stderr. */
  note(line: string): void;
}

/** Output to this process's streams. Control characters in what files and models say are made visible. */
export function createOutput(): Output {
  return {
    result: (line) => writeLine(process.stdout, plain(line)),
    json: (value) => writeLine(process.stdout, JSON.stringify(value)),
    problem: ({ severity, message }) => writeLine(process.stderr, `${severity}: ${plain(message)}`),
    note: (line) => writeLine(process.stderr, plain(line)),
  };
}

/** Text without control characters, so that no file's name or title can drive the terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (one) => (one === '\n' || one === '\t' ? ' ' : '�'));
}

function writeLine(stream: NodeJS.WriteStream, line: string): void {
  stream.write(`${line}\n`);
}
