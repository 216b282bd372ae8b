// Resize Image: pictures of another size, resampled as Pillow does.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';
import { literal, mapInterval, sizeField, struct } from '../types/socket-type.ts';
import { explainTooLarge } from './largest-picture.ts';
import { createResampler, type PixelSize, type ResampleKernel, type SourceBox } from './resample.ts';

const TITLE = 'Resize Image';
const LONGEST_SIDE = 16384;
const COLORS = [0, 1, 2] as const;

/** Gives pictures another size. */
export const resizeImage = defineNode({
  id: 'image.resize',
  version: 1,
  title: TITLE,
  category: 'image',
  summary: 'Makes pictures larger or smaller.',
  docs: `
Sizes are in pixels. **Mode** says how the new size is found:

| mode | new size | shape of the picture |
|---|---|---|
| Exact size | Width × Height | stretched |
| Scale | both sides times Scale, rounded, at least 1 | kept |
| Longest side | its longest side becomes Longest side | kept |
| Fit in | the largest that fits into Width × Height | kept |
| Cover and crop | Width × Height; what sticks out on two sides is cut off evenly | kept |

Parameters that the mode does not name have no effect. Smaller pictures are made larger too.

**Kernel** says how values between pixels are found. All but Nearest cover every source pixel when shrinking (antialiasing).
Lanczos (three lobes) and Bicubic (a = −0.5) are sharp and overshoot at hard edges; Box is the mean of an area; Nearest keeps the
values that there are, for pixel art and maps.

The numbers are those of \`Image.resize\` in Pillow for pictures of mode F (float32), Cover and crop those of \`ImageOps.fit\`; the
result is clipped to 0…1. Pillow's 8-bit pictures are rounded and clipped after each of two passes: they differ by less than 1/255 with
Box and Bilinear, by a few 1/255 at hard edges with Bicubic and Lanczos. Transparent pictures are resampled with their colours
multiplied by their opacity, as in Pillow.
`,
  inputs: { image: { type: 'image', title: 'Image', doc: 'The pictures to resize.' } },
  outputs: { image: { type: 'image', title: 'Image', doc: 'The pictures in their new size; channels and batch as they came.' } },
  params: {
    mode: {
      kind: 'choice',
      title: 'Mode',
      doc: 'How the new size is found.',
      default: 'size',
      options: { size: 'Exact size', scale: 'Scale', longest: 'Longest side', fit: 'Fit in', cover: 'Cover and crop' },
    },
    width: {
      kind: 'int',
      title: 'Width',
      doc: 'For Exact size, Fit in, and Cover and crop.',
      default: 512,
      min: 1,
      max: LONGEST_SIDE,
      step: 8,
      unit: 'px',
      onlyFor: { param: 'mode', values: ['size', 'fit', 'cover'] },
    },
    height: {
      kind: 'int',
      title: 'Height',
      doc: 'For Exact size, Fit in, and Cover and crop.',
      default: 512,
      min: 1,
      max: LONGEST_SIDE,
      step: 8,
      unit: 'px',
      onlyFor: { param: 'mode', values: ['size', 'fit', 'cover'] },
    },
    scale: {
      kind: 'number',
      title: 'Scale',
      doc: 'For Scale: 2 doubles both sides.',
      default: 2,
      min: 0.01,
      max: 64,
      step: 0.25,
      onlyFor: { param: 'mode', values: ['scale'] },
    },
    longestSide: {
      kind: 'int',
      title: 'Longest side',
      doc: 'For Longest side.',
      default: 512,
      min: 1,
      max: LONGEST_SIDE,
      step: 8,
      unit: 'px',
      onlyFor: { param: 'mode', values: ['longest'] },
    },
    kernel: {
      kind: 'choice',
      title: 'Kernel',
      doc: 'How values between pixels are found.',
      default: 'lanczos',
      options: { nearest: 'Nearest', box: 'Box (area)', bilinear: 'Bilinear', bicubic: 'Bicubic', lanczos: 'Lanczos' },
    },
  },
  outputTypes({ image }, params, context) {
    const size = inferSize({ width: sizeField(image, 'width'), height: sizeField(image, 'height') }, params);
    const tooLarge = explainTooLarge(context.title, size.width.min, size.height.min);
    if (tooLarge !== undefined) context.refuse('mode', tooLarge, 'graph.invalidParam');
    return { image: struct('image', { ...size, channels: sizeField(image, 'channels'), batch: sizeField(image, 'batch') }) };
  },
  async evaluate({ image }, params, context) {
    context.signal.throwIfCancelled();
    const from = { width: sizeAt(image, 3), height: sizeAt(image, 2) };
    const to = findSize(from, params);
    const tooLarge = explainTooLarge(TITLE, to.width, to.height);
    if (tooLarge !== undefined) return fail('node.invalidInput', tooLarge, { socket: 'mode' });
    const box = params.mode === 'cover' ? findCrop(from, to) : undefined;
    if (from.width === to.width && from.height === to.height) return ok({ image });
    const resample = createResampler(from, to, params.kernel, box);
    const [batch, channels] = [sizeAt(image, 0), sizeAt(image, 1)];
    const data = new Float32Array(batch * channels * to.width * to.height);
    for (let row = 0; row < batch; row++) {
      context.signal.throwIfCancelled();
      resamplePicture(image, row, params.kernel, resample, data);
      context.progress(row + 1, batch);
    }
    return ok({ image: tensor(data, [batch, channels, to.height, to.width]) });
  },
});

interface SizeParams {
  readonly mode: 'size' | 'scale' | 'longest' | 'fit' | 'cover';
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly longestSide: number;
}

function findSize(from: PixelSize, { mode, width, height, scale, longestSide }: SizeParams): PixelSize {
  switch (mode) {
    case 'size':
    case 'cover':
      return { width, height };
    case 'scale':
      return { width: scaleSide(from.width, scale), height: scaleSide(from.height, scale) };
    case 'longest':
      return fitInto(from, { width: longestSide, height: longestSide });
    case 'fit':
      return fitInto(from, { width, height });
    default:
      return mode satisfies never;
  }
}

function scaleSide(side: number, scale: number): number {
  return Math.max(1, Math.round(side * scale));
}

function fitInto(from: PixelSize, frame: PixelSize): PixelSize {
  // Products of whole numbers are exact, so equal shapes are found equal.
  const wider = from.width * frame.height - from.height * frame.width;
  if (wider === 0) return frame;
  return wider > 0
    ? { width: frame.width, height: scaleSide(from.height, frame.width / from.width) }
    : { width: scaleSide(from.width, frame.height / from.height), height: frame.height };
}

/** The middle of a picture in the shape of the new size, as `ImageOps.fit` of Pillow finds it. */
function findCrop(from: PixelSize, to: PixelSize): SourceBox {
  const shape = to.width / to.height;
  const given = from.width / from.height;
  const width = given > shape ? shape * from.height : from.width;
  const height = given < shape ? from.width / shape : from.height;
  const left = (from.width - width) * 0.5;
  const top = (from.height - height) * 0.5;
  return { left, top, right: left + width, bottom: top + height };
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function inferSize(
  from: { readonly width: Range; readonly height: Range },
  params: { readonly [K in keyof SizeParams]: SizeParams[K] | undefined },
): { readonly width: Range; readonly height: Range } {
  const unknown = { min: 1, max: Number.POSITIVE_INFINITY };
  const exactly = (side: number | undefined): Range => (side === undefined ? unknown : { min: side, max: side });
  const upTo = (side: number | undefined): Range => (side === undefined ? unknown : { min: 1, max: side });
  const { mode, width, height, scale, longestSide } = params;
  switch (mode) {
    case undefined:
      return { width: unknown, height: unknown };
    case 'size':
    case 'cover':
      return { width: exactly(width), height: exactly(height) };
    case 'scale':
      if (scale === undefined) return { width: unknown, height: unknown };
      return {
        width: mapInterval(from.width, (side) => scaleSide(side, scale)),
        height: mapInterval(from.height, (side) => scaleSide(side, scale)),
      };
    case 'longest':
    case 'fit': {
      const [frameWidth, frameHeight] = mode === 'fit' ? [width, height] : [longestSide, longestSide];
      const [fromWidth, fromHeight] = [literal(from.width), literal(from.height)];
      if (frameWidth === undefined || frameHeight === undefined || fromWidth === undefined || fromHeight === undefined) {
        return { width: upTo(frameWidth), height: upTo(frameHeight) };
      }
      const size = fitInto({ width: fromWidth, height: fromHeight }, { width: frameWidth, height: frameHeight });
      return { width: exactly(size.width), height: exactly(size.height) };
    }
    default:
      return mode satisfies never;
  }
}

/** Writes one picture of the batch, resampled and clipped, into `data` (float32 NCHW). */
function resamplePicture(
  image: Tensor,
  row: number,
  kernel: ResampleKernel,
  resample: (plane: Float32Array) => Float32Array,
  data: Float32Array,
): void {
  const channels = sizeAt(image, 1);
  const pixels = sizeAt(image, 2) * sizeAt(image, 3);
  const planeOf = (channel: number): Float32Array => {
    const start = (row * channels + channel) * pixels;
    return image.data.subarray(start, start + pixels);
  };
  const write = (channel: number, plane: Float32Array): void => {
    const start = (row * channels + channel) * plane.length;
    for (let at = 0; at < plane.length; at++) data[start + at] = clip(plane[at] ?? 0);
  };
  if (channels !== 4 || kernel === 'nearest') {
    for (let channel = 0; channel < channels; channel++) write(channel, resample(planeOf(channel)));
    return;
  }
  // Else the colours of invisible pixels would bleed into visible ones.
  const opacity = planeOf(3);
  const newOpacity = resample(opacity);
  for (const color of COLORS) {
    const plane = planeOf(color).map((value, at) => value * (opacity[at] ?? 0));
    write(
      color,
      resample(plane).map((value, at) => ((newOpacity[at] ?? 0) > 0 ? value / (newOpacity[at] ?? 1) : 0)),
    );
  }
  write(3, newOpacity);
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
