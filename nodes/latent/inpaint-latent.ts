// A picture and a mask to a latent of which only the painted part is drawn anew.

import { defineNode } from '../define-node.ts';
import { fillHole } from '../image/fill-hole.ts';
import { createByteResampler } from '../image/resample-bytes.ts';
import { PAINTED } from '../mask/mask-region.ts';
import { fail, ok } from '../problem.ts';
import type { EncodedPicture } from '../socket-values.ts';
import { sizeAt, type Tensor, tensor, zeros } from '../tensor.ts';
import { explainMismatch } from '../types/mismatch.ts';
import { sizeField, struct } from '../types/socket-type.ts';
import { encodeBatch, posteriorOf } from './encode-batch.ts';
import { encodedLatentType } from './encoded-size.ts';
import { cropMiddle, FIT_PARAM, fitPicture, type PictureFit } from './fit-picture.ts';

export const inpaintLatent = defineNode({
  id: 'latent.inpaint',
  version: 1,
  title: 'Inpaint',
  category: 'latent',
  summary: 'Encodes a picture and a mask, so that a sampler draws only what is painted.',
  docs: `
For every kind of model. One that was made for inpainting (9 input channels) is shown the mask and the picture with a grey hole; any
other gets the kept part back after each step, noised to where the step has come (mask blending), as diffusers' inpainting does.

From 0.5 on the mask counts as painted. A mask of another size than the picture is resized to it (Lanczos). In latent cells the mask is the
value at each cell's first pixel. **Fit** is that of VAE Encode. The sampler's **Strength** says how much of the painted part is kept as a
start: 1 nothing.

**Fill** is what the painted part begins with below a strength of 1: the picture itself, the colours around it (smoothed into the hole), noise, or
nothing (zeros in the latent). A1111 calls them original, fill, latent noise and latent nothing.`,
  inputs: {
    vae: { type: 'vae', title: 'VAE', doc: 'The autoencoder of the model that will draw.' },
    image: { type: 'image', title: 'Image', doc: 'The picture to change.' },
    mask: { type: 'mask', title: 'Mask', doc: '1 is painted, 0 is kept.' },
  },
  outputs: { latent: { type: 'latent', title: 'Latent', doc: 'The picture’s latent with mask and hole.' } },
  params: {
    fit: FIT_PARAM,
    fill: {
      kind: 'choice',
      title: 'Fill',
      doc: 'What the painted part begins with, below a strength of 1.',
      default: 'original',
      options: { original: 'The picture', surroundings: 'Colours around it', noise: 'Noise', nothing: 'Nothing' },
    },
  },
  outputTypes({ vae, image, mask }, { fit }, context) {
    const [pictures, masks] = [sizeField(image, 'batch'), sizeField(mask, 'batch')];
    if (
      mask !== undefined &&
      masks.min > 1 &&
      explainMismatch(struct('mask', { batch: masks }), struct('mask', { batch: pictures })) !== undefined
    ) {
      context.refuse(
        'mask',
        `${context.title} gets ${masks.min} masks for ${pictures.max} pictures. Give one mask, or one for each picture.`,
      );
    }
    return { latent: encodedLatentType(context, vae, image, fit) };
  },
  async evaluate({ vae, image, mask }, { fit, fill }, context) {
    const fitted = fitPicture('Inpaint', image, vae.space.factor, fit);
    if (!fitted.ok) return fitted;
    const picture = fitted.value;
    const [pictures, masks] = [sizeAt(picture, 0), sizeAt(mask, 0)];
    if (masks !== 1 && masks !== pictures) {
      return fail('node.invalidInput', `Inpaint gets ${masks} masks for ${pictures} pictures. Give one mask, or one for each picture.`, {
        socket: 'mask',
      });
    }
    const painted = binarise(resizeMask(fitMask(mask, image, picture, fit), sizeAt(picture, 2), sizeAt(picture, 3)));
    const progress = { done: 0, total: 2 * pictures };
    const begun = fill === 'surroundings' ? fillHole(picture, painted) : picture;
    const posterior = await encodeBatch('Inpaint', vae, begun, context, progress);
    if (!posterior.ok) return posterior;
    const masked = await encodeBatch('Inpaint', vae, cutHole(picture, painted), context, { ...progress, done: pictures });
    if (!masked.ok) return masked;
    const cells = toCells(painted, vae.space.factor, pictures);
    const start = fill === 'noise' || fill === 'nothing' ? emptyCells(posterior.value, cells, fill === 'noise' ? 1 : 0) : posterior.value;
    const inpaint = { mask: cells, masked: masked.value };
    const latent = { kind: 'latent' as const, samples: start.mean, space: vae.space, ...posteriorOf(start), inpaint };
    return ok({ latent });
  },
});

/** The picture with zeros where it is painted, around which a sampler draws with this deviation. */
function emptyCells({ mean, std = zeros(mean.shape) }: EncodedPicture, cells: Tensor, deviation: number): EncodedPicture {
  const [channels, plane] = [sizeAt(mean, 1), sizeAt(mean, 2) * sizeAt(mean, 3)];
  const isPainted = (at: number): boolean => cells.data[Math.floor(at / (channels * plane)) * plane + (at % plane)] === 1;
  const set = (value: Tensor, inside: number): Tensor =>
    tensor(
      value.data.map((one, at) => (isPainted(at) ? inside : one)),
      value.shape,
    );
  return { mean: set(mean, 0), std: set(std, deviation) };
}

/** A mask as large as the picture is cropped with it. */
function fitMask(mask: Tensor, image: Tensor, picture: Tensor, fit: PictureFit): Tensor {
  const isAlike = sizeAt(mask, 2) === sizeAt(image, 2) && sizeAt(mask, 3) === sizeAt(image, 3);
  return isAlike && fit === 'crop' ? cropMiddle(mask, sizeAt(picture, 2), sizeAt(picture, 3)) : mask;
}

function resizeMask(mask: Tensor, height: number, width: number): Tensor {
  const from = { height: sizeAt(mask, 2), width: sizeAt(mask, 3) };
  if (from.height === height && from.width === width) return mask;
  const resample = createByteResampler(from, { height, width }, 'lanczos');
  const rows = sizeAt(mask, 0);
  const data = new Float32Array(rows * height * width);
  const size = from.height * from.width;
  for (let row = 0; row < rows; row++) data.set(resample(mask.data.subarray(row * size, (row + 1) * size)), row * height * width);
  return tensor(data, [rows, 1, height, width]);
}

function binarise(mask: Tensor): Tensor {
  return tensor(
    mask.data.map((value) => (value >= PAINTED ? 1 : 0)),
    mask.shape,
  );
}

/** The picture with middle grey, which is 0 to the encoder, where it is painted. */
function cutHole(picture: Tensor, painted: Tensor): Tensor {
  const [pictures, channels] = [sizeAt(picture, 0), sizeAt(picture, 1)];
  const plane = sizeAt(picture, 2) * sizeAt(picture, 3);
  const data = picture.data.slice();
  for (let index = 0; index < pictures * channels; index++) {
    const own = sizeAt(painted, 0) === 1 ? 0 : Math.floor(index / channels);
    for (let at = 0; at < plane; at++) if (painted.data[own * plane + at] === 1) data[index * plane + at] = 0.5;
  }
  return tensor(data, picture.shape);
}

/** The mask in latent cells, one for each picture: the first pixel of each cell (torch's nearest). */
function toCells(painted: Tensor, factor: number, pictures: number): Tensor {
  const [masks, height, width] = [sizeAt(painted, 0), sizeAt(painted, 2), sizeAt(painted, 3)];
  const [tall, wide] = [height / factor, width / factor];
  const data = new Float32Array(pictures * tall * wide);
  for (let picture = 0; picture < pictures; picture++) {
    for (let row = 0; row < tall; row++) {
      for (let column = 0; column < wide; column++) {
        const from = ((masks === 1 ? 0 : picture) * height + row * factor) * width + column * factor;
        data[(picture * tall + row) * wide + column] = painted.data[from] ?? 0;
      }
    }
  }
  return tensor(data, [pictures, 1, tall, wide]);
}
