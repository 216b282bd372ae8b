// A text between two others.
import { defineNode } from '../define-node.ts';
import { fail, ok, type Result } from '../problem.ts';
import type { ConditioningValue } from '../socket-values.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { intersect } from '../types/intersect.ts';
import { explainMismatch } from '../types/mismatch.ts';

export const blend = defineNode({
  id: 'conditioning.blend',
  version: 1,
  title: 'Blend',
  category: 'conditioning',
  summary: 'A text between two others: what is drawn changes from the one to the other.',
  docs: `
Mixes what two texts say, number by number: (1 − **Share**) · first + **Share** · second, the pooled text of SDXL too. With a Number Range at Share and one
seed, a row of pictures leads from the first text to the second. Texts must be encoded by the same encoder and be equally many tokens long. Regions,
texts joined with AND, changes within the prompt, controls and image prompts are not mixed; give plain texts.`,
  inputs: {
    first: { type: 'conditioning', title: 'First', doc: 'What is said at a share of 0.' },
    second: { type: 'conditioning', title: 'Second', doc: 'What is said at a share of 1.' },
  },
  outputs: { conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'The text between them.' } },
  params: { share: { kind: 'number', title: 'Share', doc: 'How much of the second.', default: 0.5, min: 0, max: 1, step: 0.05 } },
  outputTypes({ first, second }, _params, context) {
    if (first === undefined || second === undefined) return {};
    const mismatch = explainMismatch(second, first);
    if (mismatch === undefined) return { conditioning: intersect(first, second) };
    context.refuse(
      'second',
      `${context.title} has a second text that differs from the first: it ${mismatch}. Encode both with the same text encoder.`,
    );
    return {};
  },
  async evaluate({ first, second }, { share }, context) {
    context.signal.throwIfCancelled();
    const misfit = refuseMore('first', first) ?? refuseMore('second', second);
    if (misfit !== undefined) return misfit;
    if (first.family !== second.family || first.states.shape.join() !== second.states.shape.join()) {
      const sentence = `Blend gets texts of [${first.states.shape.join(', ')}] and [${second.states.shape.join(', ')}]. Encode both with the same text encoder, equally long.`;
      return fail('node.invalidInput', sentence, { socket: 'second' });
    }
    const { kind, family, sizes, pooled } = first;
    const mixed = pooled === undefined || second.pooled === undefined ? {} : { pooled: mix(pooled, second.pooled, share) };
    const conditioning = {
      kind,
      family,
      states: mix(first.states, second.states, share),
      ...mixed,
      ...(sizes === undefined ? {} : { sizes }),
    };
    return ok({ conditioning });
  },
});

/** The refusal for a text that is more than numbers to mix. */
function refuseMore(socket: 'first' | 'second', text: ConditioningValue): Result<never> | undefined {
  const { region, joined, beside, schedule, controls, imagePrompts } = text;
  const more = [
    region === undefined ? [] : ['a region'],
    joined === undefined && beside === undefined ? [] : ['other texts beside it'],
    schedule === undefined ? [] : ['changes within the prompt'],
    controls === undefined && imagePrompts === undefined ? [] : ['pictures that steer'],
  ].flat();
  if (more.length === 0) return undefined;
  return fail('node.invalidInput', `Blend mixes plain texts, and the ${socket} has ${more.join(' and ')}. Wire such nodes behind Blend.`, {
    socket,
  });
}

function mix(from: Tensor, to: Tensor, share: number): Tensor {
  return tensor(
    from.data.map((value, at) => (1 - share) * value + share * (to.data[at] ?? 0)),
    from.shape,
  );
}
