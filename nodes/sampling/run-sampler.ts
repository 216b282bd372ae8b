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
  const begin = findBegin(request, probe.value, isEmptyLatent(latent));
  if (!begin.ok) return begin;
  const set = begin.value === 0 ? probe : createScheduler(config.value, steps, { shape, beginIndex: begin.value });
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
  const start = startLatents(latent, set.value, begin.value, request.strength === 1, seesHole, generator.value, vary.value);
  return denoise(request, set.value, begin.value, start, { denoiser: denoiser.value, controls: controls.value }, generator.value, context);
}

function explainChannels(title: string, { checkpoint, inChannels, space }: ModelValue, seesHole: boolean): string {
  const takes = `${title} cannot use ${checkpoint.name} like this: its U-Net takes ${inChannels} channels where its latents have ${space.channels}`;
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
  const kept = keptSteps(steps, strength);
  if (kept < 1) {
    return fail('node.invalidInput', `With Strength ${strength}, none of ${steps} steps is left to run. Raise Strength or Steps.`, {
      socket: 'strength',
    });
  }
  return ok((steps - kept) * scheduler.order);
}

/** How many of the steps are run. */
function keptSteps(steps: number, strength: number): number {
  return Math.min(Math.trunc(steps * strength), steps);
}

async function denoise(
  request: SamplingRequest,
  scheduler: Scheduler,
  begin: number,
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
  const steps = keptSteps(request.steps, request.strength);
  const guided = guideDenoiser(request.title ?? TITLE, { ...request, steps }, latent.samples, denoiser, hole, controls);
  if (!guided.ok) return guided;
  const { brownian } = scheduler;
  const options = {
    toNextTimestep: true,
    // diffusers' pipelines tell every class their own default, also TCD, whose own is 0.3.
    eta: eta ?? 0,
    ...(brownian === undefined ? {} : { brownian: drawPaths(brownian, generator, start.latents.length, copies) }),
  };
  const total = scheduler.timesteps.length - begin;
  const frames: Tensor[] = [];
  const kept = chooseFrames(Math.max(1, request.frames), total);
  const resumed = readState(context.savedState, begin, scheduler.timesteps.length, start.latents.length);
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
  for (let index = resumed?.index ?? begin; index < scheduler.timesteps.length; index++) {
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
    const shown = await showProgress(model, tensor(predictedOriginal, shape), context, index === scheduler.timesteps.length - 1);
    if (!shown.ok) return shown;
    context.progress(index - begin + 1, total);
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
