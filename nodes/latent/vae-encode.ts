// Pictures to latents.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { concatBatch, sizeAt, sliceBatch, type Tensor, tensor } from '../tensor.ts';
import { type Interval, literal, mapInterval, namesField, sizeField, struct } from '../types/socket-type.ts';

export const vaeEncode = defineNode({
  id: 'latent.vaeEncode',
  version: 1,
  title: 'VAE Encode',
  category: 'latent',
  summary: 'Turns pictures into latents, for a sampler to start from.',
  docs: `
Runs the autoencoder's encoder over each picture and multiplies by its scaling factor: float32 [batch, channels, height / factor,
width / factor]. The encoder gives a normal distribution; the latent holds its mean, and a sampler draws from the distribution before it
adds noise, as diffusers does, so that the same seed gives the same picture.

The picture's sides must be multiples of the factor (8 for Stable Diffusion, 4 for the bundled emoji model). **Fit** says what happens
where they are not: \`crop\` cuts the edges evenly down to the next multiple, \`refuse\` stops with a sentence. Grey pictures are taken as
three equal channels; transparency is not encoded, so load the picture without it.`,
  inputs: {
    vae: { type: 'vae', title: 'VAE', doc: 'The autoencoder of the model that will draw on.' },
    image: { type: 'image', title: 'Image', doc: 'One or three channels in 0…1.' },
  },
  outputs: { latent: { type: 'latent', title: 'Latent', doc: 'The mean, with the distribution it is the mean of.' } },
  params: {
    fit: {
      kind: 'choice',
      title: 'Fit',
      doc: 'What happens to a picture whose sides are no multiples of the model’s factor.',
      default: 'crop',
      options: { crop: 'Crop the edges', refuse: 'Refuse' },
    },
  },
  outputTypes({ vae, image }, { fit }, context) {
    const factor = literal(sizeField(vae, 'factor'));
    const cells = (field: 'width' | 'height'): Interval | undefined => {
      if (factor === undefined) return undefined;
      const px = sizeField(image, field);
      const known = literal(px);
      if (known !== undefined && known % factor !== 0) {
        const sentence = `${context.title}: the picture's ${field} is ${known}, which is no multiple of ${factor}.`;
        if (fit === 'crop') context.warn('image', `${sentence} Its edges are cropped to ${Math.floor(known / factor) * factor}.`);
        else if (fit === 'refuse') context.refuse('image', `${sentence} Resize it, or choose to crop the edges.`);
      }
      return mapInterval(px, (size) => Math.max(1, Math.floor(size / factor)));
    };
    return {
      latent: struct('latent', {
        space: namesField(vae, 'space') ?? undefined,
        channels: sizeField(vae, 'channels'),
        width: cells('width'),
        height: cells('height'),
        frames: 1,
        batch: sizeField(image, 'batch'),
      }),
    };
  },
  async evaluate({ vae, image }, { fit }, context) {
    const { factor } = vae.space;
    if (sizeAt(image, 1) === 4) {
      return fail(
        'node.invalidInput',
        'VAE Encode gets a picture with transparency, which it cannot encode. Load the picture without it.',
        {
          socket: 'image',
        },
      );
    }
    const [heightPx, widthPx] = [sizeAt(image, 2), sizeAt(image, 3)];
    const fits = heightPx % factor === 0 && widthPx % factor === 0;
    if (heightPx < factor || widthPx < factor || (!fits && fit === 'refuse')) {
      return fail(
        'node.invalidInput',
        `VAE Encode gets a picture of ${widthPx}×${heightPx} pixels; both sides must be multiples of ${factor}. Resize it.`,
        { socket: 'image' },
      );
    }
    const batch = sizeAt(image, 0);
    const means: Tensor[] = [];
    const stds: Tensor[] = [];
    for (let index = 0; index < batch; index++) {
      context.signal.throwIfCancelled();
      const encoded = await context.models.encode(vae, toColour(cropToMultiple(sliceBatch(image, index, index + 1), factor)));
      if (!encoded.ok) return encoded;
      means.push(encoded.value.mean);
      stds.push(encoded.value.std);
      context.progress(index + 1, batch);
    }
    const mean = concatBatch(means);
    return ok({ latent: { kind: 'latent' as const, samples: mean, space: vae.space, posterior: { mean, std: concatBatch(stds) } } });
  },
});

/** The middle of a picture, its sides cut to multiples of `factor`. */
function cropToMultiple(image: Tensor, factor: number): Tensor {
  const [batch, channels, height, width] = [sizeAt(image, 0), sizeAt(image, 1), sizeAt(image, 2), sizeAt(image, 3)];
  const [tall, wide] = [height - (height % factor), width - (width % factor)];
  if (tall === height && wide === width) return image;
  const [top, left] = [(height - tall) >> 1, (width - wide) >> 1];
  const data = new Float32Array(batch * channels * tall * wide);
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let row = 0; row < tall; row++) {
      const from = (plane * height + top + row) * width + left;
      data.set(image.data.subarray(from, from + wide), (plane * tall + row) * wide);
    }
  }
  return tensor(data, [batch, channels, tall, wide]);
}

/** Grey as three equal channels. */
function toColour(image: Tensor): Tensor {
  const [batch, channels, height, width] = [sizeAt(image, 0), sizeAt(image, 1), sizeAt(image, 2), sizeAt(image, 3)];
  if (channels === 3) return image;
  const plane = height * width;
  const data = new Float32Array(3 * batch * plane);
  for (let index = 0; index < 3 * batch; index++)
    data.set(image.data.subarray(Math.floor(index / 3) * plane, (Math.floor(index / 3) + 1) * plane), index * plane);
  return tensor(data, [batch, 3, height, width]);
}
