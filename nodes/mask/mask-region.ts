import type { PixelSize, SourceBox } from '../image/resample.ts';
import { sizeAt, type Tensor } from '../tensor.ts';

/** From here on a mask counts as painted, as in diffusers. */
export const PAINTED = 0.5;

/** The smallest box around what is painted in any mask of the batch, in pixels; undefined where nothing is. */
export function paintedBox(mask: Tensor): SourceBox | undefined {
  const [height, width] = [sizeAt(mask, 2), sizeAt(mask, 3)];
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let at = 0; at < mask.data.length; at++) {
    if ((mask.data[at] ?? 0) < PAINTED) continue;
    const column = at % width;
    const row = Math.floor(at / width) % height;
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
  }
  return right === 0 ? undefined : { left, top, right, bottom };
}

/**
 * The box with room around it and of the shape `width` : `height`, as far as the picture goes: it is widened first, then moved inside;
 * only a picture that is too small in one direction leaves it out of shape.
 */
export function widenBox(box: SourceBox, padding: number, shape: PixelSize, picture: PixelSize): SourceBox {
  const wide = Math.min(box.right - box.left + 2 * padding, picture.width);
  const tall = Math.min(box.bottom - box.top + 2 * padding, picture.height);
  const ratio = shape.width / shape.height;
  const width = Math.min(picture.width, Math.max(wide, Math.round(tall * ratio)));
  const height = Math.min(picture.height, Math.max(tall, Math.round(wide / ratio)));
  const place = (from: number, to: number, size: number, whole: number): number =>
    Math.min(Math.max(0, Math.round((from + to - size) / 2)), whole - size);
  const left = place(box.left, box.right, width, picture.width);
  const top = place(box.top, box.bottom, height, picture.height);
  return { left, top, right: left + width, bottom: top + height };
}
