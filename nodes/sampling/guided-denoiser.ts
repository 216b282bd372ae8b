import type { Denoiser, DenoiserInput } from '../context.ts';
import { fail, ok, type Result } from '../problem.ts';
import type { ConditioningValue, ModelValue } from '../socket-values.ts';
import { concatBatch, repeatBatch, sizeAt, sliceBatch, type Tensor, tensor, zeros } from '../tensor.ts';
import type { OpenControls, StepPlace } from './apply-controls.ts';
import { applyGuidance, guidanceEmbedding, rescaleGuidance } from './guidance.ts';
import { holeChannels } from './inpaint-blend.ts';
import { timeIdsOf } from './time-ids.ts';

/** What a denoiser is guided by. */
export interface GuidanceRequest {
  readonly model: ModelValue;
  readonly positive: ConditioningValue;
  readonly negative: ConditioningValue | undefined;
  readonly guidance: number;
  readonly rescale: number;
}

/** What an inpainting U-Net sees beside the noisy latents. */
export interface Hole {
  readonly mask: Tensor;
  readonly masked: Float32Array | undefined;
}

/** One guided prediction; float32 NCHW like the latents. */
export interface GuidedOutput {
  readonly guided: Tensor;
  /** What was predicted with the text and without it; undefined where there was one pass. */
  readonly parts: { readonly conditional: Tensor; readonly unconditional: Tensor } | undefined;
}

/** A denoiser with text and guidance, for latents of one shape. */
export interface GuidedDenoiser {
  /** `scaled`: the latents as the scheduler scales them for the timestep. */
  predict(scaled: Float32Array, timestep: number, place: StepPlace): Promise<Result<GuidedOutput>>;
}

/** Joins text, guidance and whatever else stays the same from step to step with a denoiser. `title`: whose sentences they are. */
export function guideDenoiser(
  title: string,
  request: GuidanceRequest,
  latents: Tensor,
  denoiser: Denoiser,
  hole: Hole | undefined,
  controls: OpenControls | undefined,
): Result<GuidedDenoiser> {
  const { guidance, rescale, model } = request;
  const { shape } = latents;
  const isEmbedded = model.guidanceEmbeddingWidth > 0;
  const isGuided = guidance > 1 && !isEmbedded;
  const fixed = fixedInputs(title, request, isGuided, isEmbedded, latents);
  if (!fixed.ok) return fixed;
  return ok({
    async predict(scaled, timestep, place) {
      const one = tensor(scaled, shape);
      const sample = isGuided ? concatBatch([one, one]) : one;
      const input = { ...fixed.value, sample, timestep };
      // ControlNets do not see the hole of an inpainting model.
      const control = await controls?.predict(input, isGuided, place);
      if (control?.ok === false) return control;
      const residuals = control?.value === undefined ? {} : { residuals: control.value };
      const predicted = await denoiser.predict({ ...input, sample: withHole(sample, hole), ...residuals });
      if (!predicted.ok) return predicted;
      if (!isGuided) return ok({ guided: predicted.value, parts: undefined });
      const rows = sizeAt(predicted.value, 0) / 2;
      const [unconditional, conditional] = [sliceBatch(predicted.value, 0, rows), sliceBatch(predicted.value, rows, 2 * rows)];
      const guided = applyGuidance(predicted.value, guidance);
      return ok({
        guided: rescale === 0 ? guided : rescaleGuidance(guided, conditional.data, rescale),
        parts: { conditional, unconditional },
      });
    },
  });
}

/** The noisy latents, with mask and masked picture behind them for a model that sees the hole. */
function withHole(sample: Tensor, hole: Hole | undefined): Tensor {
  if (hole?.masked === undefined) return sample;
  const [batch = 0, channels = 0, ...plane] = sample.shape;
  return tensor(holeChannels(sample, hole.mask, hole.masked), [batch, 2 * channels + 1, ...plane]);
}

/** What the denoiser is given alike in every step: rows without text first, then those with it. */
function fixedInputs(
  title: string,
  { model, positive, negative, guidance }: GuidanceRequest,
  isGuided: boolean,
  isEmbedded: boolean,
  latents: Tensor,
): Result<Omit<DenoiserInput, 'sample' | 'timestep'>> {
  const batch = sizeAt(latents, 0);
  const against = negative ?? {
    ...positive,
    states: zeros(positive.states.shape),
    ...(positive.pooled === undefined ? {} : { pooled: zeros(positive.pooled.shape) }),
  };
  for (const { states } of isGuided ? [against, positive] : [positive]) {
    const rows = sizeAt(states, 0);
    if (batch % rows !== 0) {
      return fail(
        'node.invalidInput',
        `${title} gets ${rows} texts for a batch of ${batch} pictures. Give one text, or one for each picture.`,
        {
          socket: 'positive',
        },
      );
    }
  }
  if (isGuided && sizeAt(against.states, 1) !== sizeAt(positive.states, 1)) {
    return fail(
      'node.invalidInput',
      `${title} gets ${sizeAt(positive.states, 1)} tokens of positive and ${sizeAt(against.states, 1)} of negative text; both must have equally many. Encode both with the same text encoder.`,
      { socket: 'negative' },
    );
  }
  const both = (read: (conditioning: ConditioningValue) => Tensor): Tensor => {
    const rows = (isGuided ? [against, positive] : [positive]).map((one) => repeatBatch(read(one), batch));
    return concatBatch(rows);
  };
  const { pooled } = positive;
  return ok({
    states: both((one) => one.states),
    ...(pooled === undefined || model.timeIds === 0 ? {} : { pooled: both((one) => one.pooled ?? zeros(pooled.shape)) }),
    ...(model.timeIds === 0 ? {} : { timeIds: timeIdsOf(model, latents, positive, isGuided ? against : undefined) }),
    ...(isEmbedded ? { guidanceEmbedding: guidanceEmbedding(guidance, model.guidanceEmbeddingWidth) } : {}),
  });
}
