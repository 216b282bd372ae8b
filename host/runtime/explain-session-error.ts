import { fail, type Result } from '../../nodes/problem.ts';

const OUT_OF_MEMORY = /bad.?alloc|failed to allocate|out of memory|allocate memory|BFCArena/i;

/** Turns what onnxruntime throws into a sentence; it has no error classes, only texts. */
export function explainSessionError(title: string, doing: 'open' | 'run', error: unknown): Result<never> {
  const reason = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
  if (OUT_OF_MEMORY.test(reason)) {
    return fail(
      'run.outOfMemory',
      `Memory ran out while ${title} was ${doing === 'open' ? 'being opened' : 'computing'}. Choose a smaller picture or batch, or use --memory streaming.`,
    );
  }
  const short = reason.length > 400 ? `${reason.slice(0, 397)}…` : reason;
  return doing === 'open'
    ? fail(
        'model.damaged',
        `ONNX Runtime cannot open ${title}: ${short}. Download the model's files again; if that does not help, report it.`,
      )
    : fail(
        'node.failed',
        `ONNX Runtime cannot run ${title}: ${short}. Try another picture size or --device cpu; if that does not help, report it.`,
      );
}
