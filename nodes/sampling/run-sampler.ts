import type { Denoiser, EvaluateContext } from '../context.ts';
import type { SchedulerParam, SeedParam } from '../params.ts';
import { fail, ok, type Result } from '../problem.ts';
import { createBrownianNoise } from '../schedulers/brownian-noise.ts';
import { createScheduler } from '../schedulers/create-scheduler.ts';
import { resolveScheduler } from '../schedulers/resolve-scheduler.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import type { ConditioningValue, LatentValue, ModelValue } from '../socket-values.ts';
import { concatBatch, sizeAt, sliceBatch, type Tensor, tensor } from '../tensor.ts';
import { type OpenControls, openControls } from './apply-controls.ts';
import type { AttentionGuide } from './attention/attention-guide.ts';
import { type BatchGenerator, createBatchGenerator, repeatNoise } from './batch-generator.ts';
import { guideDenoiser } from './guided-denoiser.ts';
import { blendKeptPart } from './inpaint-blend.ts';
import { readState, takeState } from './sampling-state.ts';
import { type DenoisingShares, findPart, type SchedulePart } from './schedule-part.ts';
import { showProgress } from './show-progress.ts';
import { isEmptyLatent, type StartLatents, startLatents } from './start-latents.ts';
import { createVariation } from './vary-noise.ts';

const TITLE = 'Sampler';

/** Everything that a denoising loop is told. */
export interface SamplingRequest {
  /** Whose sentences refusals are; left out: the Sampler's. */
  readonly title?: string;
  readonly model: ModelValue;
  readonly positive: ConditioningValue;
  readonly negative: ConditioningValue | undefined;
  readonly latent: LatentValue;
  readonly seed: SeedParam;
  readonly steps: number;
  readonly guidance: number;
  readonly scheduler: SchedulerParam;
  readonly strength: number;
  /** Between which shares of the noise schedule is denoised, after a start with the latent as it is; left out: all of it. */
  readonly denoising?: DenoisingShares;
  readonly eta: number | null;
  readonly rescale: number;
  /** The shares of the steps between which there is guidance; left out: all. */
  readonly interval?: { readonly start: number; readonly end: number };
  /** Another seed, and how far the noise goes towards its noise: 0 to 1. */
  readonly variation?: { readonly seed: SeedParam; readonly strength: number };
  /** How many steps' clean pictures are kept. */
  readonly frames: number;
  /** What looks at the denoiser's attention, or changes it. */
  readonly attention?: AttentionGuide;
  /** How many times over the latent's batch has the same pictures, which are drawn from the same noise; left out: once. */
  readonly copies?: number;
  /** Told the latents before the first step (0 steps done) and after each. */
  readonly onLatents?: (latents: Float32Array, done: number) => void;
}

/** What a denoising loop gives; float32 NCHW, scaled. */
export interface SamplingResult {
  readonly samples: Tensor;
  /** x̂₀ of the first picture at evenly spaced steps, first to last; at least the last one. */
  readonly frames: Tensor;
}

/** Runs diffusers' denoising loop. */
export async function runSampler(request: SamplingRequest, context: EvaluateContext): Promise<Result<SamplingResult>> {
  const { model, latent, steps } = request;
  const { shape } = latent.samples;
  const batch = sizeAt(latent.samples, 0);
  const seesHole = model.inChannels === 2 * model.space.channels + 1;
  if (model.inChannels !== model.space.channels && !(seesHole && latent.inpaint !== undefined)) {
    return fail('model.unsupported', explainChannels(request.title ?? TITLE, model, seesHole), { socket: seesHole ? 'latent' : 'model' });
  }
  const { attention, copies = 1 } = request;
  const generator = createBatchGenerator(request.seed, batch / copies, copies);
  if (!generator.ok) return generator;
  const vary = createVariation(request.variation?.seed ?? '0', request.variation?.strength ?? 0, batch);
  if (!vary.ok) return vary;
  const config = resolveScheduler(request.scheduler, model.scheduler);
  if (!config.ok) return { ok: false, problem: { ...config.problem, socket: 'scheduler' } };
  // Entries of the schedule a step differ by class, so the first index is known only once it is set up.
  const probe = createScheduler(config.value, steps, { shape });
  if (!probe.ok) return { ok: false, problem: { ...probe.problem, socket: 'scheduler' } };
  const part = findPart(request, probe.value, isEmptyLatent(latent));
  if (!part.ok) return part;
  const { begin } = part.value;
  const set = begin === 0 ? probe : createScheduler(config.value, steps, { shape, beginIndex: begin });
  if (!set.ok) return { ok: false, problem: { ...set.problem, socket: 'scheduler' } };

  const controls = await openControls(request.title ?? TITLE, request, latent.samples, context.models);
  if (!controls.ok) return controls;
  const kinds = {
    ...(controls.value === undefined ? {} : { controlled: controls.value.kinds }),
    ...(attention === undefined ? {} : { attention: attention.use }),
  };
  const size = { batch, height: sizeAt(latent.samples, 2), width: sizeAt(latent.samples, 3), ...kinds };
  const denoiser = await context.models.openDenoiser(model, size);
  if (!denoiser.ok) return denoiser;
  const place = { begin, isFullStrength: request.strength === 1, isNoised: (request.denoising?.start ?? 0) > 0 };
  const start = startLatents(latent, set.value, place, seesHole, generator.value, vary.value);
  return denoise(request, set.value, part.value, start, { denoiser: denoiser.value, controls: controls.value }, generator.value, context);
}

function explainChannels(title: string, { checkpoint, inChannels, space }: ModelValue, seesHole: boolean): string {
  const takes = `${title} cannot use ${checkpoint.name} like this: its U-Net takes ${inChannels} channels where its latents have ${space.channels}`;
  return seesHole
    ? `${takes}, as inpainting models do. Wire the latent of an Inpaint node to it, or choose a text-to-image model.`
    : `${takes}. Choose a text-to-image or inpainting model.`;
}

async function denoise(
  request: SamplingRequest,
  scheduler: Scheduler,
  { begin, end, steps }: SchedulePart,
  start: StartLatents,
  { denoiser, controls }: { readonly denoiser: Denoiser; readonly controls: OpenControls | undefined },
  generator: BatchGenerator,
  context: EvaluateContext,
): Promise<Result<SamplingResult>> {
  const { model, latent, eta, attention, copies = 1 } = request;
  const { shape } = latent.samples;
  const { inpaint } = latent;
  const hole =
    inpaint !== undefined && model.inChannels !== model.space.channels ? { mask: inpaint.mask, masked: start.masked } : undefined;
  const guided = guideDenoiser(request.title ?? TITLE, { ...request, steps }, latent.samples, denoiser, hole, controls);
  if (!guided.ok) return guided;
  const { brownian } = scheduler;
  const options = {
    toNextTimestep: true,
    // diffusers' pipelines tell every class their own default, also TCD, whose own is 0.3.
    eta: eta ?? 0,
    ...(brownian === undefined ? {} : { brownian: drawPaths(brownian, generator, start.latents.length, copies) }),
  };
  // Shares of the steps count those after the end too, as in diffusers.
  const total = scheduler.timesteps.length - begin;
  const frames: Tensor[] = [];
  const kept = chooseFrames(Math.max(1, request.frames), end - begin);
  const resumed = readState(context.savedState, begin, end, start.latents.length);
  if (resumed !== undefined) {
    scheduler.restore(resumed.scheduler);
    generator.restore(resumed.generators);
    attention?.restore(resumed.attention);
    frames.push(...resumed.frames.map((data) => tensor(data, [1, ...shape.slice(1)])));
  }
  /** What is asked for later is what it is then, so this is told again as soon as a step has changed anything. */
  const saveFrom = (index: number, latents: Float32Array): void =>
    context.saveState(() =>
      takeState(
        index,
        latents,
        frames.map(({ data }) => data),
        scheduler,
        generator,
        attention?.snapshot() ?? [],
      ),
    );
  let current = resumed?.latents ?? start.latents;
  request.onLatents?.(current, 0);
  for (let index = resumed?.index ?? begin; index < end; index++) {
    saveFrom(index, current);
    context.signal.throwIfCancelled();
    const place = { index: index - begin, total };
    const output = await guided.value.predict(scheduler.scaleModelInput(current, index), scheduler.timesteps[index] ?? 0, place);
    if (!output.ok) return output;
    const { sample, predictedOriginal } = scheduler.step(output.value.guided.data, index, current, generator.draw, options);
    current =
      inpaint === undefined || hole !== undefined || start.clean === undefined
        ? (sample as typeof current)
        : blendKeptPart(sample, start.clean, start.noise, inpaint, scheduler, index + 1);
    if (attention !== undefined) current = attention.blend(current, place);
    request.onLatents?.(current, index - begin + 1);
    if (kept.has(index - begin)) frames.push(sliceBatch(tensor(predictedOriginal, shape), 0, 1));
    // A decoded preview may be where the work is cancelled.
    saveFrom(index + 1, current);
    const shown = await showProgress(model, tensor(predictedOriginal, shape), context, index === end - 1);
    if (!shown.ok) return shown;
    context.progress(index - begin + 1, end - begin);
  }
  return ok({ samples: tensor(current, shape), frames: concatBatch(frames) });
}

/** Brownian noise for a batch that has the same pictures so many times over. */
function drawPaths(
  range: NonNullable<Scheduler['brownian']>,
  { seeds }: BatchGenerator,
  count: number,
  copies: number,
): ReturnType<typeof createBrownianNoise> {
  const paths = createBrownianNoise(range, seeds, count / copies);
  return (from, to, asked) => repeatNoise(paths(from, to, asked / copies), copies);
}

/** Which of `total` steps are kept: evenly spaced, the last one always. */
function chooseFrames(count: number, total: number): Set<number> {
  if (count === 1) return new Set([total - 1]);
  return new Set(Array.from({ length: count }, (_, at) => Math.round((at * (total - 1)) / (count - 1))));
}
