/** The most pixels a picture may have: 8192 × 8192, as when reading one from a file. */
export const MOST_PIXELS = 2 ** 26;

/** The sentence about a picture that a node would make and may not; undefined when it may. */
export function explainTooLarge(title: string, width: number, height: number): string | undefined {
  if (width * height <= MOST_PIXELS) return undefined;
  return `${title} would make a picture of ${width}×${height} pixels; a picture may have ${MOST_PIXELS} in all. Choose a smaller size.`;
}
