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
  /** Why results could not be written to stdout; undefined while they can, or when nobody wants to read them any more. */
  readonly fault: string | undefined;
}

/** Output to this process's streams. Control characters in what files and models say are made visible. */
export function createOutput(): Output {
  let fault: string | undefined;
  // A reader that has seen enough (`| head -1`) closes the pipe: what is under way goes on, it only is not told any more.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || fault !== undefined) return;
    fault = error.code ?? error.message;
    writeLine(
      process.stderr,
      `error: Results could not be written to standard output (${fault}). Free some space, or write them elsewhere.`,
    );
  });
  return {
    result: (line) => writeLine(process.stdout, plain(line)),
    json: (value) => writeLine(process.stdout, JSON.stringify(value)),
    problem: (found) => writeLine(process.stderr, problemLine(found)),
    note: (line) => writeLine(process.stderr, plain(line)),
    get fault() {
      return fault;
    },
  };
}

/** A problem as one line: how bad it is, and its sentence. */
export function problemLine({ severity, message }: Problem): string {
  return `${severity}: ${plain(message)}`;
}

/** Text without control characters, so that no file's name or title can drive the terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (one) => (one === '\n' || one === '\t' ? ' ' : '�'));
}

function writeLine(stream: NodeJS.WriteStream, line: string): void {
  stream.write(`${line}\n`);
}
