import type { EvaluateContext, ModelRuntime } from '../../nodes/context.ts';
import { ok } from '../../nodes/problem.ts';

/** A sampler's context over a runtime; nothing cancels it, and nobody listens. */
export function samplerContext(models: ModelRuntime): EvaluateContext {
  return {
    nodeId: 'sampler',
    signal: { cancelled: false, throwIfCancelled: () => undefined },
    models,
    pictures: { load: neverAsked, save: neverAsked, saveAnimation: neverAsked },
    savedState: undefined,
    saveState: () => undefined,
    progress: () => undefined,
    preview: () => undefined,
    previewDecoded: async () => ok(undefined),
    result: () => undefined,
  };
}

function neverAsked(): never {
  throw new Error('a sampler reads and writes no pictures');
}
