// SDXL is told how large the picture was and how it was cropped.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';

const LARGEST_PX = 16_384;

export const sizeConditioning = defineNode({
  id: 'conditioning.sizes',
  version: 1,
  title: 'Size Conditioning',
  category: 'conditioning',
  summary: 'Tells SDXL the size and crop of the picture that its text describes.',
  docs: `
SDXL was trained with each picture's original size, the top left corner of its crop and the target size beside the text (Podell et al. 2023,
section 2.2). Left out, the picture's own size is given and nothing is cropped. A larger original size gives finer pictures, a smaller
one blurred ones; a crop moves what is shown. Models of other families pass these numbers over. For the negative text the sampler
takes those of the positive one unless it has its own; for the SDXL refiner without the crop, as diffusers does.`,
  inputs: { conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'From a Text Encoder.' } },
  outputs: { conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'The same text with sizes.' } },
  params: {
    originalWidth: sizeParam('Original width', 1024, 1),
    originalHeight: sizeParam('Original height', 1024, 1),
    cropLeft: sizeParam('Crop left', 0, 0),
    cropTop: sizeParam('Crop top', 0, 0),
    targetWidth: sizeParam('Target width', 1024, 1),
    targetHeight: sizeParam('Target height', 1024, 1),
  },
  outputTypes: ({ conditioning }) => (conditioning === undefined ? {} : { conditioning }),
  async evaluate({ conditioning }, sizes, context) {
    context.signal.throwIfCancelled();
    const { beside } = conditioning;
    const rest = beside === undefined ? {} : { beside: beside.map((one) => ({ ...one, sizes })) };
    return ok({ conditioning: { ...conditioning, sizes, ...rest } });
  },
});

function sizeParam<const D extends number>(title: string, value: D, min: 0 | 1) {
  return { kind: 'int', title, doc: `${title} in pixels.`, default: value, min, max: LARGEST_PX, step: 8, unit: 'px' } as const;
}
