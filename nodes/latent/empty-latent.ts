// The blank canvas of text-to-image.
import { defineNode, type InferenceContext } from '../define-node.ts';
import { ok } from '../problem.ts';
import { zeros } from '../tensor.ts';
import type { SocketType } from '../types/socket-type.ts';
import { type Interval, literal, namesField, sizeField, struct } from '../types/socket-type.ts';
import { fitToCells } from './fit-to-cells.ts';

const LARGEST_PX = 16_384;

export const emptyLatent = defineNode({
  id: 'latent.empty',
  version: 1,
  title: 'Empty Latent',
  category: 'latent',
  summary: 'A blank canvas of a size, for a sampler to draw on from pure noise.',
  docs: `
Gives zeros in the latent space of the model: float32 [batch, channels, height / factor, width / factor]. The factor is how many pixels
one latent cell stands for along a side: 8 for Stable Diffusion, 4 for the bundled emoji model. Width and height must be multiples of
it. Left open, they are the size that the model was trained on, which is where it draws best.`,
  inputs: { model: { type: 'model', title: 'Model', doc: 'Whose latent space and size.' } },
  outputs: { latent: { type: 'latent', title: 'Latent', doc: 'Zeros.' } },
  params: {
    width: sizeParam('Width'),
    height: sizeParam('Height'),
    batch: { kind: 'int', title: 'Batch', doc: 'How many pictures at once.', default: 1, min: 1, max: 256 },
  },
  outputTypes({ model }, { width, height, batch }, context) {
    return {
      latent: struct('latent', {
        space: namesField(model, 'space') ?? undefined,
        channels: sizeField(model, 'channels'),
        width: cellsOf('width', 'Width', model, width, context),
        height: cellsOf('height', 'Height', model, height, context),
        frames: 1,
        batch,
      }),
    };
  },
  async evaluate({ model }, { width, height, batch }, context) {
    const { space } = model;
    const cells = fitToCells('Empty Latent', space, width ?? model.nativeWidthPx, height ?? model.nativeHeightPx);
    if (!cells.ok) return cells;
    context.signal.throwIfCancelled();
    const samples = zeros([batch, space.channels, cells.value.height, cells.value.width]);
    return ok({ latent: { kind: 'latent' as const, samples, space } });
  },
});

function sizeParam(title: 'Width' | 'Height') {
  return {
    kind: 'int',
    title,
    doc: 'In pixels of the finished picture; left open, the size that the model was trained on.',
    default: null,
    min: 8,
    max: LARGEST_PX,
    step: 8,
    unit: 'px',
  } as const;
}

/** Latent cells along one side, as far as they are known; says what is wrong with a size that does not divide. */
function cellsOf(
  socket: 'width' | 'height',
  title: string,
  model: SocketType | undefined,
  px: number | null | undefined,
  context: InferenceContext,
): Interval | undefined {
  const factor = literal(sizeField(model, 'factor'));
  const native = literal(sizeField(model, socket));
  const size = px ?? (px === null ? native : undefined);
  if (size === undefined || factor === undefined) return undefined;
  if (size % factor !== 0) {
    const below = Math.max(1, Math.floor(size / factor)) * factor;
    context.refuse(
      socket,
      `${context.title}: ${title} must be a multiple of ${factor} for this model, and is ${size}. Take ${below} or ${below + factor}.`,
      'graph.invalidParam',
    );
    return undefined;
  }
  return { min: size / factor, max: size / factor };
}
