/**
 * Up to this many latent cells in a batch, rows go through together: small pictures leave threads idle. Beyond it they go one after
 * another, which is as fast and takes half of the memory (bench/guidance.ts).
 */
const CELLS_AT_ONCE = 2048;

/** How many rows of a batch of latents go through a network together. */
export function rowsAtOnce({ width, height }: { readonly width: number; readonly height: number }): number {
  return Math.max(1, Math.floor(CELLS_AT_ONCE / (width * height)));
}
