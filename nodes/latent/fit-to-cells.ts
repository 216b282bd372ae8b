import { fail, ok, type Result } from '../problem.ts';
import type { LatentSpace } from '../socket-values.ts';

/** Latent cells of a picture size; refused where the space's factor does not divide it. `title`: whose sentence it is. */
export function fitToCells(
  title: string,
  { factor }: LatentSpace,
  widthPx: number,
  heightPx: number,
): Result<{ readonly width: number; readonly height: number }> {
  for (const [socket, px] of [
    ['width', widthPx],
    ['height', heightPx],
  ] as const) {
    if (px % factor === 0) continue;
    const below = Math.max(1, Math.floor(px / factor)) * factor;
    const sentence = `${title}: the ${socket} must be a multiple of ${factor} for this model, and is ${px}. Take ${below} or ${below + factor}.`;
    return fail('node.invalidInput', sentence, { socket });
  }
  return ok({ width: widthPx / factor, height: heightPx / factor });
}
