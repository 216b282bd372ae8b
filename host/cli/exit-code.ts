import type { Problem, ProblemCode } from '../../nodes/problem.ts';

/** What the command line's exit codes mean. */
export const EXIT = { done: 0, graphWrong: 1, fileWrong: 2, nodeFailed: 3, usage: 64, bug: 70, cancelled: 130 } as const;

/** The exit code for a set of errors: the graph's faults first, then files and models, then nodes and the run. */
export function exitCodeFor(problems: readonly Problem[]): number {
  const codes = problems.filter((one) => one.severity === 'error').map((one) => codeOf(one.code));
  return codes.length === 0 ? EXIT.done : Math.min(...codes);
}

function codeOf(code: ProblemCode): number {
  const [area] = code.split('.');
  switch (area) {
    case 'graph':
    case 'scheduler':
    case 'seed':
      return EXIT.graphWrong;
    case 'file':
    case 'model':
      return EXIT.fileWrong;
    case 'contract':
      return EXIT.usage;
    default:
      return EXIT.nodeFailed;
  }
}
