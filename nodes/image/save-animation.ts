// Pictures one after the other as one file that moves.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { concatBatch, sizeAt, splitBatch } from '../tensor.ts';
import { sizeField, struct } from '../types/socket-type.ts';

const TITLE = 'Save Animation';
const NO_PICTURES = `${TITLE} got no pictures. Wire at least one to its input Images.`;

export const saveAnimation = defineNode({
  id: 'image.saveAnimation',
  version: 1,
  title: TITLE,
  category: 'image',
  summary: 'Writes pictures as an animated WebP file into the folder of the run.',
  docs: `
Shows every picture of every wire, list and batch, in their order, for 1 / **Frames per second**, for ever. **Back and forth** shows them backwards as well, so
that nothing jumps. All pictures must have one size and the same channels. The file has quality 90, carries the graph that made it unless **Embed graph**
is off, and never overwrites another.`,
  inputs: { images: { type: 'image', title: 'Images', doc: 'The pictures, in the order they are shown.', list: true } },
  outputs: { image: { type: 'image', title: 'Image', doc: 'The pictures as one batch, in the order shown.' } },
  params: {
    name: { kind: 'text', title: 'Name', doc: 'Name of the file, without ending.', default: 'animation', maxLength: 100 },
    rate: { kind: 'number', title: 'Frames per second', doc: 'How fast they follow one another.', default: 8, min: 0.1, max: 60, step: 1 },
    backAndForth: { kind: 'boolean', title: 'Back and forth', doc: 'Goes back the way it came.', default: false },
    embedGraph: { kind: 'boolean', title: 'Embed graph', doc: 'Puts the graph into the file.', default: true },
  },
  effects: ['writesFile'],
  outputTypes({ images }, _params, context) {
    if (images?.kind === 'list' && images.length.max < 1) context.refuse('images', NO_PICTURES, 'graph.missingInput');
    if (images?.kind !== 'list' || images.item.kind !== 'struct') return {};
    const { item } = images;
    return {
      image: struct('image', { width: sizeField(item, 'width'), height: sizeField(item, 'height'), channels: sizeField(item, 'channels') }),
    };
  },
  async evaluate({ images }, { name, rate, backAndForth, embedGraph }, context) {
    context.signal.throwIfCancelled();
    const frames = images.flatMap(splitBatch);
    const [first] = frames;
    if (first === undefined) return fail('node.invalidInput', NO_PICTURES, { socket: 'images' });
    const other = frames.find((frame) => frame.shape.join() !== first.shape.join());
    if (other !== undefined) {
      const describe = ({ shape: [, channels, height, width] }: typeof first): string => `${width}×${height} with ${channels} channels`;
      const sentence = `${TITLE} gets pictures of ${describe(first)} and of ${describe(other)}. Give all one size, with Resize Image.`;
      return fail('node.invalidInput', sentence, { socket: 'images' });
    }
    const back = backAndForth ? frames.slice(1, -1).reverse() : [];
    const image = concatBatch([...frames, ...back]);
    const path = await context.pictures.saveAnimation(image, { name, framesPerSecond: rate, embedGraph });
    if (!path.ok) return path;
    context.result({ kind: 'file', path: path.value, widthPx: sizeAt(first, 3), heightPx: sizeAt(first, 2) });
    return ok({ image });
  },
});
