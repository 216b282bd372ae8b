// The part of a picture around what is painted, enlarged for a model to draw in full resolution.
import { defineNode, type InferenceContext } from '../define-node.ts';
import { cut } from '../image/pixel-range.ts';
import type { PixelSize, ResampleKernel, SourceBox } from '../image/resample.ts';
import { resamplePlanes } from '../image/resample-planes.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';
import { explainMismatch } from '../types/mismatch.ts';
import { type SocketType, sizeField, struct } from '../types/socket-type.ts';
import { paintedBox, widenBox } from './mask-region.ts';

const MOST_PX = 8192;

export const cropToMask = defineNode({
  id: 'mask.crop',
  version: 1,
  title: 'Crop to Mask',
  category: 'mask',
  summary: 'Cuts out what is painted, with room around it, in the size a model draws best.',
  docs: `
For repainting a small part in full resolution ("only masked"): the smallest box around what is painted (0.5 and more) gets **Room** at each
side and the shape of **Width** and **Height**, stays inside of the picture, and is resampled to that size (Lanczos; the mask bilinear). Wire
picture and mask to an Inpaint node, and the result, with **Region** and the mask, to a Stitch node, which puts it back where it came from.
Masks of a batch share one box.`,
  inputs: {
    image: { type: 'image', title: 'Image', doc: 'The whole picture.' },
    mask: { type: 'mask', title: 'Mask', doc: 'Of the picture’s size; 1 is painted.' },
  },
  outputs: {
    image: { type: 'image', title: 'Image', doc: 'The part, in the size asked for.' },
    mask: { type: 'mask', title: 'Mask', doc: 'The mask of the part.' },
    region: { type: 'mask', title: 'Region', doc: 'Of the whole picture’s size: 1 where the part was cut out.' },
  },
  params: {
    width: sideParam('Width'),
    height: sideParam('Height'),
    room: { kind: 'int', title: 'Room', doc: 'What the model sees around the mask.', default: 32, min: 0, max: 1024, step: 8, unit: 'px' },
  },
  outputTypes({ image, mask }, { width, height }, context) {
    refuseOtherSize(context, image, mask, 'mask');
    const size = { width, height };
    return {
      image: struct('image', { ...size, channels: sizeField(image, 'channels'), batch: sizeField(image, 'batch') }),
      mask: struct('mask', { ...size, batch: sizeField(mask, 'batch') }),
      region: struct('mask', { width: sizeField(image, 'width'), height: sizeField(image, 'height'), batch: 1 }),
    };
  },
  async evaluate({ image, mask }, { width, height, room }, context) {
    context.signal.throwIfCancelled();
    const whole = { width: sizeAt(image, 3), height: sizeAt(image, 2) };
    if (sizeAt(mask, 3) !== whole.width || sizeAt(mask, 2) !== whole.height) {
      const sentence = `Crop to Mask gets a mask of ${sizeAt(mask, 3)}×${sizeAt(mask, 2)} for a picture of ${whole.width}×${whole.height} pixels. Give a mask of the picture's size.`;
      return fail('node.invalidInput', sentence, { socket: 'mask' });
    }
    const painted = paintedBox(mask);
    if (painted === undefined) {
      return fail('node.invalidInput', 'Crop to Mask gets a mask in which nothing is painted. Paint what is to change white.', {
        socket: 'mask',
      });
    }
    const box = widenBox(painted, room, { width, height }, whole);
    return ok({
      image: resampleBox(image, box, { width, height }, 'lanczos'),
      mask: resampleBox(mask, box, { width, height }, 'bilinear'),
      region: drawBox(box, whole),
    });
  },
});

function sideParam(title: 'Width' | 'Height') {
  return { kind: 'int', title, doc: 'Of the part that comes out.', default: 512, min: 8, max: MOST_PX, step: 8, unit: 'px' } as const;
}

/** Says so where a mask certainly has another size than the picture that it is for. */
export function refuseOtherSize(
  context: InferenceContext,
  image: SocketType | undefined,
  mask: SocketType | undefined,
  socket: 'mask' | 'region',
): void {
  if (image === undefined || mask === undefined) return;
  const wanted = struct('mask', { width: sizeField(image, 'width'), height: sizeField(image, 'height') });
  const given = struct('mask', { width: sizeField(mask, 'width'), height: sizeField(mask, 'height') });
  if (explainMismatch(given, wanted) === undefined) return;
  context.refuse(socket, `${context.title} gets a ${socket} of another size than the picture. Give one of the picture's size.`);
}

function resampleBox(picture: Tensor, box: SourceBox, to: PixelSize, kernel: ResampleKernel): Tensor {
  const resampled = resamplePlanes(picture, to, kernel, box);
  return { ...resampled, data: resampled.data.map(cut) };
}

function drawBox({ left, top, right, bottom }: SourceBox, { width, height }: PixelSize): Tensor {
  const data = new Float32Array(width * height);
  for (let row = top; row < bottom; row++) data.fill(1, row * width + left, row * width + right);
  return tensor(data, [1, 1, height, width]);
}
