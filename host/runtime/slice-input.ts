import type { ControlInput, ControlResiduals, DenoiserInput } from '../../nodes/context.ts';
import { sizeAt, sliceBatch, type Tensor } from '../../nodes/tensor.ts';

/** The rows `start` … `end` (exclusive) of what a denoiser is given, as views; what is one row for all stays whole. */
export function sliceDenoiserInput(input: DenoiserInput, start: number, end: number): DenoiserInput {
  if (coversAll(input.sample, start, end)) return input;
  const { residuals } = input;
  return { ...sliceShared(input, start, end), ...(residuals === undefined ? {} : { residuals: sliceResiduals(residuals, start, end) }) };
}

/** The rows `start` … `end` (exclusive) of what a ControlNet is given, as views; one picture for all rows stays whole. */
export function sliceControlInput(input: ControlInput, start: number, end: number): ControlInput {
  if (coversAll(input.sample, start, end)) return input;
  const { picture } = input;
  return { ...sliceShared(input, start, end), picture: sizeAt(picture, 0) === 1 ? picture : sliceBatch(picture, start, end) };
}

function coversAll(sample: Tensor, start: number, end: number): boolean {
  return start === 0 && end === sizeAt(sample, 0);
}

function sliceShared<T extends Pick<DenoiserInput, 'sample' | 'states' | 'pooled' | 'timeIds'>>(input: T, start: number, end: number): T {
  const cut = (value: Tensor): Tensor => sliceBatch(value, start, end);
  return {
    ...input,
    sample: cut(input.sample),
    states: cut(input.states),
    ...(input.pooled === undefined ? {} : { pooled: cut(input.pooled) }),
    ...(input.timeIds === undefined ? {} : { timeIds: cut(input.timeIds) }),
  };
}

function sliceResiduals({ down, mid, features, images }: ControlResiduals, start: number, end: number): ControlResiduals {
  const cut = (value: Tensor): Tensor => sliceBatch(value, start, end);
  return {
    ...(down === undefined ? {} : { down: down.map(cut) }),
    ...(mid === undefined ? {} : { mid: cut(mid) }),
    ...(features === undefined ? {} : { features: features.map(cut) }),
    ...(images === undefined ? {} : { images: images.map(({ tokens, scale }) => ({ tokens: cut(tokens), scale })) }),
  };
}
