// Load Image: a picture file as an image and, from its transparency, a mask.

import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt, type Tensor, tensor, zeros } from '../tensor.ts';
import { struct } from '../types/socket-type.ts';
import { refuseNoPicture } from './refuse-no-picture.ts';

/** Reads a picture file. */
export const loadImage = defineNode({
  id: 'image.load',
  version: 1,
  title: 'Load Image',
  category: 'image',
  summary: 'Reads a picture file.',
  docs: `
Reads PNG, JPEG and WebP files (8 or 16 bits a channel) of up to 67,108,864 pixels. Photographs are turned upright as their EXIF says; grey
pictures get three equal channels; values are sRGB in 0…1. Sizes show on the outputs as soon as a file is chosen.

The **mask** is 1 where the file is transparent and 0 where it is opaque (1 − alpha, as in ComfyUI), so that an erased part is the part
to paint. A file without transparency gives a mask of zeros, in the size of the picture. With **Keep transparency** the image has the
file's alpha as a fourth channel; without it, transparent parts are laid over white.
`,
  inputs: {},
  outputs: {
    image: { type: 'image', title: 'Image', doc: 'The picture: 3 channels, or 4 with transparency kept.' },
    mask: { type: 'mask', title: 'Mask', doc: '1 where the file is transparent.' },
  },
  params: {
    file: { kind: 'file', title: 'File', doc: 'The picture file.', default: null, holds: 'image' },
    alpha: { kind: 'boolean', title: 'Keep transparency', doc: 'Gives a fourth channel if the file has transparency.', default: false },
  },
  outputTypes(_inputs, { file, alpha }, context) {
    if (file === null) refuseNoPicture(context);
    const asked = typeof file === 'string' ? context.imageFacts(file) : undefined;
    const facts = asked?.ok ? asked.value : undefined;
    const size = { width: facts?.widthPx, height: facts?.heightPx, batch: 1 };
    const withAlpha = facts === undefined ? ([3, 4] as const) : facts.channels;
    return { image: struct('image', { ...size, channels: alpha === false ? 3 : alpha ? withAlpha : [3, 4] }), mask: struct('mask', size) };
  },
  async evaluate(_inputs, { file, alpha }, context) {
    context.signal.throwIfCancelled();
    if (file === null) return fail('graph.invalidParam', 'Load Image has no picture to read. Choose a file.', { socket: 'file' });
    const loaded = await context.pictures.load(file, true);
    if (!loaded.ok) return loaded;
    const picture = loaded.value;
    const size = [1, 1, sizeAt(picture, 2), sizeAt(picture, 3)];
    if (sizeAt(picture, 1) !== 4) return ok({ image: picture, mask: zeros(size) });
    const opacity = picture.data.subarray(picture.data.length - sizeAt(picture, 2) * sizeAt(picture, 3));
    const mask = tensor(
      opacity.map((value) => 1 - value),
      size,
    );
    return ok({ image: alpha ? picture : layOverWhite(picture, opacity), mask });
  },
});

/** Three channels of a picture with four. */
function layOverWhite(picture: Tensor, opacity: Float32Array): Tensor {
  const pixels = opacity.length;
  const data = new Float32Array(3 * pixels);
  for (let at = 0; at < data.length; at++) {
    const visible = opacity[at % pixels] ?? 1;
    data[at] = (picture.data[at] ?? 0) * visible + (1 - visible);
  }
  return tensor(data, [1, 3, sizeAt(picture, 2), sizeAt(picture, 3)]);
}
