import type { InferenceContext } from '../define-node.ts';
import { type Interval, literal, mapInterval, namesField, type SocketType, sizeField, struct } from '../types/socket-type.ts';
import type { PictureFit } from './fit-picture.ts';

/** The type of the latent that encoding a picture gives; says what becomes of sides that are no multiples of the factor. */
export function encodedLatentType(
  context: InferenceContext,
  vae: SocketType | undefined,
  image: SocketType | undefined,
  fit: PictureFit | undefined,
): SocketType {
  const factor = literal(sizeField(vae, 'factor'));
  const cells = (field: 'width' | 'height'): Interval | undefined => {
    if (factor === undefined) return undefined;
    const px = sizeField(image, field);
    const known = literal(px);
    if (known !== undefined && known % factor !== 0) {
      const sentence = `${context.title}: the picture's ${field} is ${known}, which is no multiple of ${factor}.`;
      const fitted = Math.floor(known / factor) * factor;
      if (fit === 'refuse' || fitted === 0) context.refuse('image', `${sentence} Resize it.`, 'graph.invalidParam');
      else if (fit === 'crop') context.warn('image', `${sentence} Its edges are cropped to ${fitted}.`);
      else if (fit === 'resize') context.warn('image', `${sentence} It is resized to ${fitted}.`);
    }
    return mapInterval(px, (size) => Math.max(1, Math.floor(size / factor)));
  };
  return struct('latent', {
    space: namesField(vae, 'space') ?? undefined,
    channels: sizeField(vae, 'channels'),
    width: cells('width'),
    height: cells('height'),
    frames: 1,
    batch: sizeField(image, 'batch'),
  });
}
