import type { ControlInput, ControlKinds, ControlResiduals, DenoiserInput, ModelRuntime, OpenControlNet } from '../context.ts';
import { checkAddOnFit } from '../control/control-fit.ts';
import { ok, type Result } from '../problem.ts';
import type { ConditioningValue, ControlValue, ModelValue } from '../socket-values.ts';
import { repeatBatch, sizeAt, sliceBatch, type Tensor, tensor } from '../tensor.ts';
import { checkControls, prepareControlPicture } from './control-picture.ts';
import { actsIn, checkImagePrompts, lookAt } from './image-prompt.ts';

/** Which step of how many is done. */
export interface StepPlace {
  readonly index: number;
  readonly total: number;
}

/** Which rows of an input are drawn with the text and which without it; `both`: the first half is without. */
export type RowKinds = 'withText' | 'withoutText' | 'both';

/** The controls of a text, opened for latents of one size. */
export interface OpenControls {
  /** What the denoiser has to be opened for. */
  readonly kinds: ControlKinds;
  /** What they add together to a denoiser with this input; undefined where none acts in this step. */
  predict(input: DenoiserInput, rows: RowKinds, place: StepPlace): Promise<Result<ControlResiduals | undefined>>;
}

/** Opens what steers the positive text; undefined where nothing does. `title`: whose sentences they are. */
export async function openControls(
  title: string,
  {
    model,
    positive,
    negative,
  }: { readonly model: ModelValue; readonly positive: ConditioningValue; readonly negative: ConditioningValue | undefined },
  latents: Tensor,
  models: ModelRuntime,
): Promise<Result<OpenControls | undefined>> {
  const { controls = [], imagePrompts = [] } = positive;
  const misfit =
    checkControls(title, controls, negative, model, sizeAt(latents, 0)) ?? checkImagePrompts(title, imagePrompts, negative, model);
  if (misfit !== undefined) return misfit;
  if (controls.length + imagePrompts.length === 0) return ok(undefined);
  const size = { height: sizeAt(latents, 2), width: sizeAt(latents, 3) };
  const opened: OpenControl[] = [];
  for (const control of controls) {
    const unfit = checkAddOnFit(title, 'a ControlNet', control.controlNet, positive);
    if (unfit !== undefined) return unfit;
    const network = await models.openControlNet(control.controlNet, model, size);
    if (!network.ok) return network;
    opened.push({ control, network: network.value, picture: prepareControlPicture(control, size) });
  }
  const kinds = {
    residuals: controls.some(({ controlNet }) => !controlNet.isAdapter),
    features: controls.some(({ controlNet }) => controlNet.isAdapter),
    ...(imagePrompts.length === 0 ? {} : { images: imagePrompts.map(({ ipAdapter }) => ipAdapter) }),
  };
  return ok({
    kinds,
    async predict(input, rows, place) {
      const sum = await addUp(opened, input, rows, place);
      if (!sum.ok || imagePrompts.length === 0) return sum;
      return ok({ ...sum.value, images: imagePrompts.map((prompt) => lookAt(prompt, rows, sizeAt(input.sample, 0), place)) });
    },
  });
}

interface OpenControl {
  readonly control: ControlValue;
  readonly network: OpenControlNet;
  readonly picture: Tensor;
}

async function addUp(
  opened: readonly OpenControl[],
  input: DenoiserInput,
  kinds: RowKinds,
  place: StepPlace,
): Promise<Result<ControlResiduals | undefined>> {
  let sum: ControlResiduals | undefined;
  for (const { control, network, picture } of opened) {
    if (!actsAt(control, place)) continue;
    const all = sizeAt(input.sample, 0);
    if (control.controlNet.isAdapter) {
      // The same tensor each time, so that it is looked at once.
      const given = await network.predict({ ...input, picture });
      if (!given.ok) return given;
      sum = addScaled(sum, repeatFeatures(given.value, all), [], control.strength, all);
      continue;
    }
    // diffusers leaves the rows without text alone in guess mode, and for ControlNets that pool.
    const isForText = control.guess || control.controlNet.poolsGlobally;
    if (isForText && kinds === 'withoutText') continue;
    const part = isForText && kinds === 'both' ? secondHalf(input) : input;
    const rows = sizeAt(part.sample, 0);
    const given = await network.predict({ ...part, picture: sizeAt(picture, 0) === 1 ? picture : repeatBatch(picture, rows) });
    if (!given.ok) return given;
    const { scales, middle } = scalesOf(control, given.value.down?.length ?? 0);
    sum = addScaled(sum, given.value, scales, middle, all);
  }
  return ok(sum);
}

function actsAt(control: ControlValue, place: StepPlace): boolean {
  return control.strength !== 0 && actsIn(control, place);
}

/** A factor for each of the maps, and for the middle: in guess mode 0.1 for the shallowest, rising by equal factors to 1 there. */
function scalesOf({ strength, guess, controlNet }: ControlValue, count: number): { scales: number[]; middle: number } {
  const isLogarithmic = guess && !controlNet.poolsGlobally;
  const scales = Array.from({ length: count }, (_, index) =>
    Math.fround((isLogarithmic ? Math.fround(10 ** (index / count - 1)) : 1) * strength),
  );
  return { scales, middle: Math.fround(strength) };
}

function repeatFeatures({ features = [] }: ControlResiduals, rows: number): ControlResiduals {
  return { features: features.map((one) => repeatBatch(one, rows)) };
}

/** The rows with text. */
function secondHalf(input: DenoiserInput): Omit<ControlInput, 'picture'> {
  const cut = (value: Tensor): Tensor => sliceBatch(value, sizeAt(value, 0) / 2, sizeAt(value, 0));
  return {
    sample: cut(input.sample),
    timestep: input.timestep,
    states: cut(input.states),
    ...(input.pooled === undefined ? {} : { pooled: cut(input.pooled) }),
    ...(input.timeIds === undefined ? {} : { timeIds: cut(input.timeIds) }),
  };
}

/**
 * The sum so far and one more: its maps times `scales`, everything else times `scale`. What has fewer rows than `rows` is added to the
 * last of them.
 */
function addScaled(
  sum: ControlResiduals | undefined,
  more: ControlResiduals,
  scales: readonly number[],
  scale: number,
  rows: number,
): ControlResiduals {
  const add = (before: Tensor | undefined, one: Tensor, factor: number): Tensor => {
    const perRow = one.data.length / sizeAt(one, 0);
    const data = before?.data ?? new Float32Array(rows * perRow);
    const offset = data.length - one.data.length;
    for (let at = 0; at < one.data.length; at++) data[offset + at] = (data[offset + at] ?? 0) + Math.fround((one.data[at] ?? 0) * factor);
    return tensor(data, [rows, ...one.shape.slice(1)]);
  };
  const { down, mid, features } = more;
  return {
    ...sum,
    ...(down === undefined ? {} : { down: down.map((one, index) => add(sum?.down?.[index], one, scales[index] ?? scale)) }),
    ...(mid === undefined ? {} : { mid: add(sum?.mid, mid, scale) }),
    ...(features === undefined ? {} : { features: features.map((one, index) => add(sum?.features?.[index], one, scale)) }),
  };
}
