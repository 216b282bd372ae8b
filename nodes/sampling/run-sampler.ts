import type { Denoiser, DenoiserInput, EvaluateContext } from '../context.ts';
import type { SchedulerParam, SeedParam } from '../params.ts';
import { fail, ok, type Result } from '../problem.ts';
import { createScheduler } from '../schedulers/create-scheduler.ts';
import { resolveScheduler } from '../schedulers/resolve-scheduler.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import type { ConditioningValue, LatentValue, ModelValue } from '../socket-values.ts';
import { concatBatch, repeatBatch, sizeAt, type Tensor, tensor, zeros } from '../tensor.ts';
import { type BatchGenerator, createBatchGenerator } from './batch-generator.ts';
import { applyGuidance, guidanceEmbedding, rescaleGuidance } from './guidance.ts';
import { blendKeptPart, holeChannels } from './inpaint-blend.ts';
import { previewLatents } from './latent-preview.ts';
import { isEmptyLatent, type StartLatents, startLatents } from './start-latents.ts';
import { timeIdsOf } from './time-ids.ts';

/** Everything that a denoising loop is told. */
export interface SamplingRequest {
  readonly model: ModelValue;
  readonly positive: ConditioningValue;
  readonly negative: ConditioningValue | undefined;
  readonly latent: LatentValue;
  readonly seed: SeedParam;
  readonly steps: number;
  readonly guidance: number;
  readonly scheduler: SchedulerParam;
  readonly strength: number;
  readonly eta: number | null;
  readonly rescale: number;
  /** Told the latents before the first step (0 steps done) and after each. */
  readonly onLatents?: (latents: Float32Array, done: number) => void;
}

/** Runs diffusers' denoising loop and returns the last latents, float32 NCHW, scaled. */
export async function runSampler(request: SamplingRequest, context: EvaluateContext): Promise<Result<Tensor>> {
  const { model, latent, steps } = request;
  const { shape } = latent.samples;
  const batch = sizeAt(latent.samples, 0);
  const seesHole = model.inChannels === 2 * model.space.channels + 1;
  if (model.inChannels !== model.space.channels && !(seesHole && latent.inpaint !== undefined)) {
    return fail('model.unsupported', explainChannels(model, seesHole), { socket: seesHole ? 'latent' : 'model' });
  }
  const generator = createBatchGenerator(request.seed, batch);
  if (!generator.ok) return generator;
  const config = resolveScheduler(request.scheduler, model.scheduler);
  if (!config.ok) return { ok: false, problem: { ...config.problem, socket: 'scheduler' } };
  // Entries of the schedule a step differ by class, so the first index is known only once it is set up.
  const probe = createScheduler(config.value, steps, { shape });
  if (!probe.ok) return { ok: false, problem: { ...probe.problem, socket: 'scheduler' } };
  const begin = findBegin(request, probe.value, isEmptyLatent(latent));
  if (!begin.ok) return begin;
  const set = begin.value === 0 ? probe : createScheduler(config.value, steps, { shape, beginIndex: begin.value });
  if (!set.ok) return { ok: false, problem: { ...set.problem, socket: 'scheduler' } };

  const denoiser = await context.models.openDenoiser(model, { batch, height: sizeAt(latent.samples, 2), width: sizeAt(latent.samples, 3) });
  if (!denoiser.ok) return denoiser;
  const start = startLatents(latent, set.value, begin.value, request.strength === 1, seesHole, generator.value);
  return denoise(request, set.value, begin.value, start, denoiser.value, generator.value, context);
}

function explainChannels({ checkpoint, inChannels, space }: ModelValue, seesHole: boolean): string {
  const takes = `Sampler cannot use ${checkpoint.name} like this: its U-Net takes ${inChannels} channels where its latents have ${space.channels}`;
  return seesHole
    ? `${takes}, as inpainting models do. Wire the latent of an Inpaint node to it, or choose a text-to-image model.`
    : `${takes}. Choose a text-to-image or inpainting model.`;
}

/** The index of the first step: image-to-image leaves out the noisiest (diffusers' `get_timesteps`). */
function findBegin({ steps, strength }: SamplingRequest, scheduler: Scheduler, isEmpty: boolean): Result<number> {
  if (strength === 1) return ok(0);
  if (isEmpty) {
    return fail(
      'node.invalidInput',
      `Strength is ${strength}, and the latent is empty: there is nothing to keep. Set Strength to 1, or encode a picture.`,
      {
        socket: 'strength',
      },
    );
  }
  const kept = Math.min(Math.trunc(steps * strength), steps);
  if (kept < 1) {
    return fail('node.invalidInput', `With Strength ${strength}, none of ${steps} steps is left to run. Raise Strength or Steps.`, {
      socket: 'strength',
    });
  }
  return ok((steps - kept) * scheduler.order);
}

async function denoise(
  request: SamplingRequest,
  scheduler: Scheduler,
  begin: number,
  start: StartLatents,
  denoiser: Denoiser,
  { draw }: BatchGenerator,
  context: EvaluateContext,
): Promise<Result<Tensor>> {
  const { model, latent, guidance, rescale, eta } = request;
  const { shape } = latent.samples;
  const { inpaint } = latent;
  const hole =
    inpaint !== undefined && model.inChannels !== model.space.channels ? { mask: inpaint.mask, masked: start.masked } : undefined;
  const isEmbedded = model.guidanceEmbeddingWidth > 0;
  const isGuided = guidance > 1 && !isEmbedded;
  const fixed = fixedInputs(request, isGuided, isEmbedded, latent);
  if (!fixed.ok) return fixed;
  const factors = context.models.previewFactors(model.space.id);
  const options = eta === null ? {} : { eta };
  const total = scheduler.timesteps.length - begin;
  let current = start.latents;
  request.onLatents?.(current, 0);
  for (let index = begin; index < scheduler.timesteps.length; index++) {
    context.signal.throwIfCancelled();
    const scaled = tensor(scheduler.scaleModelInput(current, index), shape);
    const predicted = await denoiser.predict({
      ...fixed.value,
      sample: withHole(isGuided ? concatBatch([scaled, scaled]) : scaled, hole),
      timestep: scheduler.timesteps[index] ?? 0,
    });
    if (!predicted.ok) return predicted;
    let output = predicted.value;
    if (isGuided) {
      const guided = applyGuidance(output, guidance);
      output = rescale === 0 ? guided : rescaleGuidance(guided, output.data.subarray(guided.data.length), rescale);
    }
    const { sample, predictedOriginal } = scheduler.step(output.data, index, current, draw, options);
    current =
      inpaint === undefined || hole !== undefined || start.clean === undefined
        ? (sample as typeof current)
        : blendKeptPart(sample, start.clean, start.noise, inpaint, scheduler, index + 1);
    request.onLatents?.(current, index - begin + 1);
    context.progress(index - begin + 1, total);
    context.preview(() => previewLatents(tensor(predictedOriginal, shape), factors));
  }
  return ok(tensor(current, shape));
}

/** The noisy latents, with mask and masked picture behind them for a model that sees the hole. */
function withHole(sample: Tensor, hole: { readonly mask: Tensor; readonly masked: Float32Array | undefined } | undefined): Tensor {
  if (hole?.masked === undefined) return sample;
  const [batch = 0, channels = 0, ...plane] = sample.shape;
  return tensor(holeChannels(sample, hole.mask, hole.masked), [batch, 2 * channels + 1, ...plane]);
}

/** What the denoiser is given alike in every step: rows without text first, then those with it. */
function fixedInputs(
  { model, positive, negative, guidance }: SamplingRequest,
  isGuided: boolean,
  isEmbedded: boolean,
  latent: LatentValue,
): Result<Omit<DenoiserInput, 'sample' | 'timestep'>> {
  const batch = sizeAt(latent.samples, 0);
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
        `Sampler gets ${rows} texts for a batch of ${batch} pictures. Give one text, or one for each picture.`,
        {
          socket: 'positive',
        },
      );
    }
  }
  if (isGuided && sizeAt(against.states, 1) !== sizeAt(positive.states, 1)) {
    return fail(
      'node.invalidInput',
      `Sampler gets ${sizeAt(positive.states, 1)} tokens of positive and ${sizeAt(against.states, 1)} of negative text; both must have equally many. Encode both with the same text encoder.`,
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
    ...(model.timeIds === 0 ? {} : { timeIds: timeIdsOf(model, latent.samples, positive, isGuided ? against : undefined) }),
    ...(isEmbedded ? { guidanceEmbedding: guidanceEmbedding(guidance, model.guidanceEmbeddingWidth) } : {}),
  });
}
