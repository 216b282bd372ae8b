// Save Image: picture files that carry the graph they were made by.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { sizeAt, sliceBatch } from '../tensor.ts';

/** Writes pictures as files. */
export const saveImage = defineNode({
  id: 'image.save',
  version: 1,
  title: 'Save Image',
  category: 'image',
  summary: 'Writes pictures as files into the folder of the run.',
  docs: `
Every picture of a batch, and every one of a list, becomes a file of its own: \`name.png\`, \`name-2.png\` and so on. Nothing is ever
overwritten; characters that file names can't have become dashes. Values in 0…1 are rounded to 8 bits as diffusers does (times 255,
halves to even).

| format | |
|---|---|
| PNG | exact, with transparency |
| WebP | smaller, quality 95, with transparency |
| JPEG | smaller, quality 95, no chroma subsampling; transparent parts are laid over white |

With **Embed graph** the file carries the graph that made it as XMP, and Emulsion opens it as a graph. A graph too large for JPEG (64 KiB) is
left out with a warning. The node runs whenever it is asked for, also when nothing changed.
`,
  inputs: { image: { type: 'image', title: 'Image', doc: 'The pictures to write.' } },
  outputs: { image: { type: 'image', title: 'Image', doc: 'The pictures, unchanged.' } },
  params: {
    name: { kind: 'text', title: 'Name', doc: 'Name of the files, without ending.', default: 'picture', maxLength: 100 },
    format: {
      kind: 'choice',
      title: 'Format',
      doc: 'Kind of file.',
      default: 'png',
      options: { png: 'PNG', webp: 'WebP', jpeg: 'JPEG' },
    },
    embedGraph: { kind: 'boolean', title: 'Embed graph', doc: 'Puts the graph into the files.', default: true },
  },
  effects: ['writesFile'],
  outputTypes: ({ image }) => (image === undefined ? {} : { image }),
  async evaluate({ image }, request, context) {
    const batch = sizeAt(image, 0);
    for (let row = 0; row < batch; row++) {
      context.signal.throwIfCancelled();
      const path = await context.pictures.save(sliceBatch(image, row, row + 1), request);
      if (!path.ok) return path;
      context.result({ kind: 'file', path: path.value, widthPx: sizeAt(image, 3), heightPx: sizeAt(image, 2) });
      context.progress(row + 1, batch);
    }
    return ok({ image });
  },
});
