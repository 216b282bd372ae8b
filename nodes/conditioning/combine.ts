// Several texts, each for its region, as one.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import type { ConditioningValue } from '../socket-values.ts';
import { sizeAt } from '../tensor.ts';
import { labelOf } from '../types/describe.ts';
import { explainMismatch } from '../types/mismatch.ts';
import { namesField, type SocketType, sizeField, struct } from '../types/socket-type.ts';

const NOTHING = 'got no text. Wire at least one conditioning to its input Conditionings.';
const REMEDY = 'Encode all of them with the text encoder of the same checkpoint.';

export const combine = defineNode({
  id: 'conditioning.combine',
  version: 1,
  title: 'Combine',
  category: 'conditioning',
  summary: 'Makes one conditioning out of several, each for its region.',
  docs: `
The sampler predicts for each of the texts by itself, and every cell of the latent takes the mean of the predictions by how much their masks
cover it; see Region. Texts without a region count 1 everywhere, so two of these are simply averaged. Each text costs one more run of the denoiser in
each step. Texts joined with AND in a Text Encoder guide together inside of their region.

Weights, changes and alternations of each text, and its sizes (SDXL), stay its own. ControlNets and T2I-Adapters act on the whole picture: wire
them behind this node, or to the first conditioning.`,
  inputs: {
    conditionings: { type: 'conditioning', title: 'Conditionings', doc: 'The texts; their order does not matter.', list: true },
  },
  outputs: { conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'All of them.' } },
  params: {},
  outputTypes({ conditionings }, _params, context) {
    if (conditionings?.kind !== 'list') return {};
    if (conditionings.length.max < 1) context.refuse('conditionings', `${context.title} ${NOTHING}`, 'graph.missingInput');
    const { item } = conditionings;
    const kinds: readonly SocketType[] = item.kind === 'union' ? item.members : [item];
    const [first] = kinds;
    // Texts may differ in their tokens.
    const open = kinds.map((kind) =>
      struct('conditioning', { family: namesField(kind, 'family') ?? undefined, dim: sizeField(kind, 'dim') }),
    );
    for (const one of open.slice(1)) {
      const mismatch = open[0] === undefined ? undefined : explainMismatch(one, open[0]);
      if (mismatch === undefined) continue;
      context.refuse('conditionings', `${context.title} has one text that differs from another: it ${mismatch}. ${REMEDY}`);
      return {};
    }
    return { conditioning: first === undefined ? struct('conditioning') : (open[0] ?? first) };
  },
  async evaluate({ conditionings }, _params, context) {
    context.signal.throwIfCancelled();
    const all = conditionings.flatMap(({ beside = [], ...one }): ConditioningValue[] => [one, ...beside]);
    const [first, ...beside] = all;
    if (first === undefined) return fail('node.invalidInput', `Combine ${NOTHING}`, { socket: 'conditionings' });
    for (const { family, states, pooled, controls, imagePrompts } of beside) {
      if (
        family !== first.family ||
        sizeAt(states, 2) !== sizeAt(first.states, 2) ||
        (pooled === undefined) !== (first.pooled === undefined)
      ) {
        const describe = (name: string, width: number): string => `${labelOf(name)}, ${width} numbers wide`;
        const sentence = `Combine gets text for ${describe(first.family, sizeAt(first.states, 2))}, and text for ${describe(family, sizeAt(states, 2))}. ${REMEDY}`;
        return fail('node.invalidInput', sentence, { socket: 'conditionings' });
      }
      if ((controls?.length ?? 0) + (imagePrompts?.length ?? 0) > 0) {
        const [what, node] = controls?.length ? ['a control', 'Apply ControlNet'] : ['an image prompt', 'Apply IP-Adapter'];
        const sentence = `Combine gets ${what} with a text that is not the first, and ${what.replace(/^an? /, '')}s act on the whole picture. Wire ${node} behind Combine, or to its first conditioning.`;
        return fail('node.invalidInput', sentence, { socket: 'conditionings' });
      }
    }
    return ok({ conditioning: beside.length === 0 ? first : { ...first, beside } });
  },
});
