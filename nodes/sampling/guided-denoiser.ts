import { textAt } from '../conditioning/prompt/choose-text.ts';
import type { Denoiser, DenoiserInput } from '../context.ts';
import { fail, ok, type Result } from '../problem.ts';
import type { ConditioningValue, ModelValue } from '../socket-values.ts';
import { concatBatch, sizeAt, sliceBatch, type Tensor, tensor, zeros } from '../tensor.ts';
import type { OpenControls, StepPlace } from './apply-controls.ts';
import { applyGuidance, guideHalves, rescaleGuidance } from './apply-guidance.ts';
import type { AttentionGuide } from './attention/attention-guide.ts';
import { joinRegions, joinTexts } from './combine-predictions.ts';
import { type GuidingRegion, regionsOf } from './guiding-regions.ts';
import { holeChannels } from './inpaint-blend.ts';
import { createTextInputs, type Said, type TextInputs, type TextRows } from './text-inputs.ts';

/** What a denoiser is guided by. */
export interface GuidanceRequest {
  /** Between these shares of the steps; outside of them there is no guidance, and one pass. Left out: in all. */
  readonly interval?: { readonly start: number; readonly end: number };
  readonly model: ModelValue;
  readonly positive: ConditioningValue;
  readonly negative: ConditioningValue | undefined;
  readonly guidance: number;
  readonly rescale: number;
  /** How many steps are done in all, by which texts change. */
  readonly steps: number;
  /** What the denoiser, opened for it, is watched or changed by; rows with and without the text are then predicted by themselves. */
  readonly attention?: AttentionGuide;
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
  parts(): GuidedParts | undefined;
}

interface GuidedParts {
  readonly conditional: Tensor;
  readonly unconditional: Tensor;
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
  const { guidance, rescale, model, positive, negative, steps } = request;
  const { start = 0, end = 1 } = request.interval ?? {};
  const isGuided = guidance > 1 && model.guidanceEmbeddingWidth === 0 && start < end;
  const isAlways = isGuided && start <= 0 && end >= 1;
  const guiding = regionsOf(title, 'positive', positive, latents);
  if (!guiding.ok) return guiding;
  const without = isGuided ? regionsOf(title, 'negative', negative ?? nothingFor(positive), latents) : ok([]);
  if (!without.ok) return without;
  const unweighable =
    (isGuided ? refuseNoWeight(title, without.value, 'negative') : undefined) ??
    (isAlways ? undefined : refuseNoWeight(title, guiding.value, 'positive'));
  if (unweighable !== undefined) return unweighable;
  const [sayWith, sayWithout] = [speaker(guiding.value, steps), speaker(without.value, steps)];
  const setting: Setting = { request, denoiser, hole, controls, textInputs: createTextInputs(request, latents) };
  const isPlain = rescale === 0 && saysOneThing(guiding.value) && saysOneThing(without.value);
  return ok({
    async predict(scaled, timestep, place) {
      const step = Math.min(steps - 1, Math.floor((place.index * steps) / place.total));
      const share = place.index / place.total;
      const isGuidedNow = isGuided && share >= start && share < end;
      const said = { withText: sayWith(step), withoutText: isGuidedNow ? sayWithout(step) : [] };
      const moment = { scaled: tensor(scaled, latents.shape), timestep, place };
      const [guide, other] = [said.withText[0], said.withoutText[0]];
      if (isPlain && guide !== undefined && other !== undefined && goTogether(request, guide, other)) {
        // Nearly every step is like this. What follows for all others takes longer than all else between two passes of a small model.
        const both = await predictRows(setting, { kinds: 'both', texts: [other, guide], first: guide }, moment);
        return both.ok ? ok({ guided: guideHalves(both.value, guidance), parts: () => halvesOf(both.value) }) : both;
      }
      const predicted = await predictAll(setting, said, moment);
      if (!predicted.ok) return predicted;
      const unconditional = isGuidedNow ? joinAll(without.value, predicted.value.withoutText, undefined) : undefined;
      const conditional = joinAll(guiding.value, predicted.value.withText, unconditional);
      if (unconditional === undefined) return ok({ guided: conditional, parts: () => undefined });
      const guided = applyGuidance(unconditional, conditional, guidance);
      return ok({
        guided: rescale === 0 ? guided : rescaleGuidance(guided, conditional.data, rescale),
        parts: () => ({ conditional, unconditional }),
      });
    },
  });
}

/** What guides away where nothing is wired: zeros. */
function nothingFor({ kind, family, states, pooled, sizes }: ConditioningValue): ConditioningValue {
  return {
    kind,
    family,
    states: zeros(states.shape),
    ...(pooled === undefined ? {} : { pooled: zeros(pooled.shape) }),
    ...(sizes === undefined ? {} : { sizes }),
  };
}

/** The refusal for texts whose mean by weight is wanted, where the weights have no mean. */
function refuseNoWeight(title: string, regions: readonly GuidingRegion[], socket: 'positive' | 'negative'): Result<never> | undefined {
  for (const { texts } of regions) {
    const total = texts.reduce((sum, { weight = 1 }) => sum + weight, 0);
    if (texts.length === 1 || total > 0) continue;
    const where = socket === 'negative' ? 'of negative text' : 'without guidance';
    const sentence = `${title} gets weights of texts joined with AND that sum up to ${total}; ${where}, the texts are averaged, and the weights must sum up to more than 0. Change the weights${socket === 'negative' ? '' : ', or guide above 1 in all steps'}.`;
    return fail('node.invalidInput', sentence, { socket });
  }
  return undefined;
}

/** What all regions say in a step, one after the other. */
function speaker(regions: readonly GuidingRegion[], steps: number): (step: number) => readonly Said[] {
  const saidAt = (step: number): Said[] =>
    regions.flatMap(({ texts, sizes }) => texts.map((text) => ({ text: textAt(text, step, steps), sizes })));
  if (regions.some(({ texts }) => texts.some(({ schedule }) => schedule !== undefined))) return saidAt;
  const always = saidAt(0);
  return () => always;
}

/** Joins the predictions for all texts of the regions, in the order of `speaker`. */
function joinAll(regions: readonly GuidingRegion[], predicted: readonly Tensor[], unconditional: Tensor | undefined): Tensor {
  let next = 0;
  const joined = regions.map(({ texts, cover }) => {
    const inPlace = texts.map(({ weight = 1 }) => {
      const one = predicted[next++];
      if (one === undefined) throw new Error('each text has a prediction');
      return { predicted: one, weight };
    });
    return { predicted: joinTexts(inPlace, unconditional), cover };
  });
  return joinRegions(joined, unconditional);
}

/** What stays the same from step to step. */
interface Setting {
  readonly request: GuidanceRequest;
  readonly denoiser: Denoiser;
  readonly hole: Hole | undefined;
  readonly controls: OpenControls | undefined;
  readonly textInputs: (rows: TextRows) => TextInputs;
}

/** What a step is about. */
interface Moment {
  readonly scaled: Tensor;
  readonly timestep: number;
  readonly place: StepPlace;
}

interface Predictions {
  readonly withText: readonly Tensor[];
  readonly withoutText: readonly Tensor[];
}

/** Predicts for every text. Two texts go together where both sides have one left and their tokens are equally many, else each goes alone. */
async function predictAll(
  setting: Setting,
  said: { readonly withText: readonly Said[]; readonly withoutText: readonly Said[] },
  moment: Moment,
): Promise<Result<Predictions>> {
  const found: { withText: Tensor[]; withoutText: Tensor[] } = { withText: [], withoutText: [] };
  const [first] = said.withText;
  if (first === undefined) throw new Error('there is no text to guide with');
  for (let at = 0; at < Math.max(said.withText.length, said.withoutText.length); at++) {
    const [guiding, without] = [said.withText[at], said.withoutText[at]];
    if (guiding !== undefined && without !== undefined && goTogether(setting.request, guiding, without)) {
      const both = await predictRows(setting, { kinds: 'both', texts: [without, guiding], first }, moment);
      if (!both.ok) return both;
      const { unconditional, conditional } = halvesOf(both.value);
      found.withoutText.push(unconditional);
      found.withText.push(conditional);
      continue;
    }
    for (const [kinds, one] of [
      ['withoutText', without],
      ['withText', guiding],
    ] as const) {
      if (one === undefined) continue;
      const alone = await predictRows(setting, { kinds, texts: [one], first }, moment);
      if (!alone.ok) return alone;
      found[kinds].push(alone.value);
    }
  }
  return ok(found);
}

/** True where one text says everything, all over the picture. */
function saysOneThing([region, ...more]: readonly GuidingRegion[]): boolean {
  if (region === undefined || more.length > 0 || region.cover !== undefined) return false;
  return region.texts.length === 1 && (region.texts[0]?.weight ?? 1) === 1;
}

/** True where two texts can be rows of one batch. */
function goTogether({ attention }: GuidanceRequest, one: Said, other: Said): boolean {
  return attention === undefined && sizeAt(one.text.states, 1) === sizeAt(other.text.states, 1);
}

/** The rows without the text, and as many with it. */
function halvesOf(both: Tensor): GuidedParts {
  const rows = sizeAt(both, 0) / 2;
  return { unconditional: sliceBatch(both, 0, rows), conditional: sliceBatch(both, rows, 2 * rows) };
}

async function predictRows(setting: Setting, rows: TextRows, { scaled, timestep, place }: Moment): Promise<Result<Tensor>> {
  const { denoiser, hole, controls, request, textInputs } = setting;
  const { kinds, texts } = rows;
  const sample = concatBatch(texts.map(() => scaled));
  const { states, pooled, timeIds, guidanceEmbedding } = textInputs(rows);
  // Not by spreading, which takes longer than all else here.
  const input = { sample, timestep, states, pooled, timeIds, guidanceEmbedding };
  if (hole === undefined && controls === undefined && request.attention === undefined) return denoiser.predict(input);
  // ControlNets do not see the hole of an inpainting model.
  const control = await controls?.predict(input, kinds, place);
  if (control?.ok === false) return control;
  const residuals = control?.value === undefined ? {} : { residuals: control.value };
  const attended = kinds === 'withText' && request.attention !== undefined ? attendTo(request.attention, place) : {};
  return denoiser.predict({ ...input, sample: withHole(sample, hole), ...residuals, ...attended });
}

function attendTo(guide: AttentionGuide, place: StepPlace): Pick<DenoiserInput, 'injection' | 'onAttention'> {
  const injection = guide.injectionAt(place);
  return { ...(injection === undefined ? {} : { injection }), onAttention: (maps) => guide.take(maps, place) };
}

/** The noisy latents, with mask and masked picture behind them for a model that sees the hole. */
function withHole(sample: Tensor, hole: Hole | undefined): Tensor {
  if (hole?.masked === undefined) return sample;
  const [batch = 0, channels = 0, ...plane] = sample.shape;
  return tensor(holeChannels(sample, hole.mask, hole.masked), [batch, 2 * channels + 1, ...plane]);
}
