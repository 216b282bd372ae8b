// A mask from a picture file.

import { defineNode } from '../define-node.ts';
import { refuseNoPicture } from '../image/refuse-no-picture.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';
import { struct } from '../types/socket-type.ts';

/** What luma is made of: ITU-R BT.601, as Pillow's `convert("L")`, in 2^-16. */
const LUMA = [19595, 38470, 7471] as const;

export const loadMask = defineNode({
  id: 'mask.load',
  version: 1,
  title: 'Load Mask',
  category: 'mask',
  summary: 'Reads a mask from a picture file: white is painted, black is kept.',
  docs: `
Gives one value in 0…1 a pixel, float32 [1, 1, height, width]; 1 is painted. **Channel** says where it is read from: \`luminance\` (ITU-R
BT.601 in 8 bits, as Pillow converts to grey), one colour, or \`transparency\` (1 where the file is transparent). **Invert** swaps painted and
kept.`,
  inputs: {},
  outputs: { mask: { type: 'mask', title: 'Mask', doc: '1 is painted.' } },
  params: {
    file: { kind: 'file', title: 'File', doc: 'The picture file.', default: null, holds: 'image' },
    channel: {
      kind: 'choice',
      title: 'Channel',
      doc: 'Where the mask is read from.',
      default: 'luminance',
      options: { luminance: 'Luminance', red: 'Red', green: 'Green', blue: 'Blue', transparency: 'Transparency' },
    },
    invert: { kind: 'boolean', title: 'Invert', doc: 'Paints what would be kept.', default: false },
  },
  outputTypes(_inputs, { file }, context) {
    if (file === null) refuseNoPicture(context);
    const facts = typeof file === 'string' ? context.imageFacts(file) : undefined;
    return { mask: struct('mask', facts?.ok ? { width: facts.value.widthPx, height: facts.value.heightPx, batch: 1 } : { batch: 1 }) };
  },
  async evaluate(_inputs, { file, channel, invert }, context) {
    context.signal.throwIfCancelled();
    if (file === null) return fail('graph.invalidParam', 'Load Mask has no picture to read. Choose a file.', { socket: 'file' });
    const loaded = await context.pictures.load(file, channel === 'transparency');
    if (!loaded.ok) return loaded;
    const picture = loaded.value;
    const values = readChannel(picture, channel);
    const data = invert ? values.map((value) => 1 - value) : values;
    return ok({ mask: tensor(data, [1, 1, sizeAt(picture, 2), sizeAt(picture, 3)]) });
  },
});

function readChannel(picture: Tensor, channel: 'luminance' | 'red' | 'green' | 'blue' | 'transparency'): Float32Array {
  const pixels = sizeAt(picture, 2) * sizeAt(picture, 3);
  const plane = (index: number): Float32Array => picture.data.slice(index * pixels, (index + 1) * pixels);
  switch (channel) {
    case 'red':
      return plane(0);
    case 'green':
      return plane(1);
    case 'blue':
      return plane(2);
    case 'transparency':
      return sizeAt(picture, 1) === 4 ? plane(3).map((value) => 1 - value) : new Float32Array(pixels);
    case 'luminance': {
      const [red, green, blue] = [plane(0), plane(1), plane(2)];
      return red.map((value, at) => {
        const sum =
          Math.round(value * 255) * LUMA[0] + Math.round((green[at] ?? 0) * 255) * LUMA[1] + Math.round((blue[at] ?? 0) * 255) * LUMA[2];
        return Math.floor((sum + 0x8000) / 65536) / 255;
      });
    }
  }
}
