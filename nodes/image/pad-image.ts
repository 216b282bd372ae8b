// A picture with room around it, and the mask of that room.
import { defineNode } from '../define-node.ts';
import { parseColor } from '../parse-color.ts';
import { ok } from '../problem.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';
import { type Interval, mapInterval, sizeField, struct } from '../types/socket-type.ts';

const MOST_PX = 8192;

export const padImage = defineNode({
  id: 'image.pad',
  version: 1,
  title: 'Pad Image',
  category: 'image',
  summary: 'Gives a picture room at its sides, and the mask of that room for painting there.',
  docs: `
For outpainting: wire image and mask to an Inpaint node, and the sampler continues the picture. **Fill** is what the room shows until it is
painted: the nearest pixel of the edge (a good start at less than full strength), the picture mirrored, or one colour. **Overlap** lets the
mask reach that many pixels into the picture, so that the seam is drawn anew.`,
  inputs: { image: { type: 'image', title: 'Image', doc: 'Any number of channels.' } },
  outputs: {
    image: { type: 'image', title: 'Image', doc: 'The padded picture.' },
    mask: { type: 'mask', title: 'Mask', doc: '1 where room was added.' },
  },
  params: {
    left: sideParam('Left'),
    top: sideParam('Top'),
    right: sideParam('Right'),
    bottom: sideParam('Bottom'),
    fill: {
      kind: 'choice',
      title: 'Fill',
      doc: 'What the room shows.',
      default: 'edge',
      options: { edge: 'Nearest pixel', mirror: 'Mirrored picture', color: 'One colour' },
    },
    color: {
      kind: 'color',
      title: 'Colour',
      doc: 'For one colour.',
      default: '#808080',
      onlyFor: { param: 'fill', values: ['color'] },
    },
    overlap: { kind: 'int', title: 'Overlap', doc: 'How far the mask reaches into the picture.', default: 0, min: 0, max: 512, unit: 'px' },
  },
  outputTypes({ image }, { left, top, right, bottom }) {
    const grown = (field: 'width' | 'height', before: number | undefined, after: number | undefined): Interval | undefined =>
      before === undefined || after === undefined ? undefined : mapInterval(sizeField(image, field), (px) => px + before + after);
    const size = { width: grown('width', left, right), height: grown('height', top, bottom), batch: sizeField(image, 'batch') };
    return { image: struct('image', { ...size, channels: sizeField(image, 'channels') }), mask: struct('mask', size) };
  },
  async evaluate({ image }, { left, top, right, bottom, fill, color, overlap }, context) {
    context.signal.throwIfCancelled();
    const parsed = parseColor(color);
    const [batch, channels, height, width] = [sizeAt(image, 0), sizeAt(image, 1), sizeAt(image, 2), sizeAt(image, 3)];
    const [tall, wide] = [top + height + bottom, left + width + right];
    const columns = Array.from({ length: wide }, (_, at) => findSource(at - left, width, fill));
    const data = new Float32Array(batch * channels * tall * wide);
    for (let plane = 0; plane < batch * channels; plane++) {
      const paint = channelOf(parsed, plane % channels, channels);
      for (let row = 0; row < tall; row++) {
        const from = findSource(row - top, height, fill);
        const to = (plane * tall + row) * wide;
        for (const [column, source] of columns.entries()) {
          data[to + column] =
            from === undefined || source === undefined ? paint : (image.data[(plane * height + from) * width + source] ?? 0);
        }
      }
    }
    return ok({
      image: tensor(data, [batch, channels, tall, wide]),
      mask: maskRoom(batch, tall, wide, { left, top, right, bottom }, overlap),
    });
  },
});

function sideParam(title: string) {
  return { kind: 'int', title, doc: 'Room at this side.', default: 0, min: 0, max: MOST_PX, step: 8, unit: 'px' } as const;
}

/** The row or column of the picture that a place shows; undefined where it shows the colour. */
function findSource(at: number, size: number, fill: 'edge' | 'mirror' | 'color'): number | undefined {
  if (at >= 0 && at < size) return at;
  if (fill === 'color') return undefined;
  if (fill === 'edge') return at < 0 ? 0 : size - 1;
  const period = 2 * size;
  const wrapped = ((at % period) + period) % period;
  return wrapped < size ? wrapped : period - 1 - wrapped;
}

/** The colour's part in one channel of a picture with 1, 3 or 4. */
function channelOf(color: readonly number[], channel: number, channels: number): number {
  if (channels === 1) return 0.299 * (color[0] ?? 0) + 0.587 * (color[1] ?? 0) + 0.114 * (color[2] ?? 0);
  return channel === 3 ? (color[3] ?? 1) : (color[channel] ?? 0);
}

function maskRoom(
  batch: number,
  height: number,
  width: number,
  room: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
  overlap: number,
): Tensor {
  // A side without room has no seam.
  const reach = (px: number): number => (px === 0 ? 0 : px + overlap);
  const data = new Float32Array(batch * height * width);
  for (let at = 0; at < data.length; at++) {
    const column = at % width;
    const row = Math.floor(at / width) % height;
    const isRoom =
      column < reach(room.left) || column >= width - reach(room.right) || row < reach(room.top) || row >= height - reach(room.bottom);
    if (isRoom) data[at] = 1;
  }
  return tensor(data, [batch, 1, height, width]);
}
