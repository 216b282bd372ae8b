import { describe, expect, it } from 'vitest';
import type { ModelValue, TextStates } from '../socket-values.ts';
import { concatBatch, type Tensor, tensor, zeros } from '../tensor.ts';
import { createTextInputs, type Said, type TextInputs } from './text-inputs.ts';

const model: ModelValue = {
  kind: 'model',
  checkpoint: { path: '', name: 'small', fingerprint: 'small' },
  family: 'custom',
  prediction: 'epsilon',
  space: { id: 'sd', label: 'SD 1.x / 2.x', channels: 4, factor: 8 },
  inChannels: 4,
  conditioningWidth: 3,
  scheduler: {},
  timeIds: 0,
  guidanceEmbeddingWidth: 0,
  nativeWidthPx: 64,
  nativeHeightPx: 64,
};

function textOf(states: Tensor): Said {
  const text: TextStates = { states };
  return { text, sizes: undefined };
}

/** What a run of its own gives for a text without and one with. */
function inputsOf(without: Said, guiding: Said, batch = 1): TextInputs {
  const latents = zeros([batch, 4, 8, 8]);
  return createTextInputs({ model, guidance: 5 }, latents)({ kinds: 'both', texts: [without, guiding], first: guiding });
}

describe('the texts of a pass', () => {
  const [one, other] = [tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [1, 2, 3]), tensor(Float32Array.of(7, 8, 9, 10, 11, 12), [1, 2, 3])];

  it('are the very same tensor in runs that say the same, so that what follows from them alone is not reckoned again', () => {
    const { states } = inputsOf(textOf(one), textOf(other));
    expect(states).toEqual(concatBatch([one, other]));
    expect(inputsOf(textOf(one), textOf(other)).states).toBe(states);
  });

  it('are others for other texts, the other way round, and for another batch', () => {
    const { states } = inputsOf(textOf(one), textOf(other));
    expect(inputsOf(textOf(other), textOf(one)).states).toEqual(concatBatch([other, one]));
    expect(inputsOf(textOf(one), textOf(zeros([1, 2, 3]))).states.data).not.toEqual(states.data);
    expect(inputsOf(textOf(one), textOf(other), 2).states).toEqual(concatBatch([one, one, other, other]));
    expect(inputsOf(textOf(one), textOf(other)).states).toEqual(states);
  });
});
