/**
 * Up to this many latent cells in a batch, rows go through together: small pictures leave threads idle, and weights that are widened in
 * each pass are widened once for all rows. That takes a tenth to a quarter off two passes. Beyond it, nothing is won for the memory
 * (bench/guidance.ts: two rows of 48×48 0.90–0.93 of two passes, of 64×64 0.95–0.99).
 */
const CELLS_AT_ONCE = 4608;

/** How many rows of a batch of latents go through a network together. */
export function rowsAtOnce({ width, height }: { readonly width: number; readonly height: number }): number {
  return Math.max(1, Math.floor(CELLS_AT_ONCE / (width * height)));
}
