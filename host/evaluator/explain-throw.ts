import { type Problem, problem } from '../../nodes/problem.ts';

/** What V8, onnxruntime and sharp say when an allocation fails. */
const OUT_OF_MEMORY =
  /bad_alloc|failed to allocate|out of memory|allocation failed|cannot allocate|ENOMEM|invalid typed array length: \d|invalid array buffer length/i;

/** True for an error that means "no memory left" rather than a mistake in the code. */
export function isOutOfMemory(error: unknown): boolean {
  return OUT_OF_MEMORY.test(error instanceof Error ? error.message : String(error));
}

/** The sentence about a node that threw: memory ran out, or its code has a mistake. */
export function explainThrow(title: string, error: unknown): Problem {
  if (isOutOfMemory(error)) {
    const sentence =
      `${title}: memory ran out. Make the picture or the batch smaller, close other programs, or load models ` +
      'with less memory (--memory streaming).';
    return problem('run.outOfMemory', sentence);
  }
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? '';
  return problem('node.threw', `${title} stopped with an error inside: ${reason}. This is a mistake in the node's code; please report it.`);
}
