/** Pixels of a glyph; between two there is one more. */
export const GLYPH_HEIGHT = 7;
const GLYPH_WIDTH = 5;

/** Rows of five pixels, most significant bit left; drawn for small labels on plots. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 2, 4, 8, 31],
  '3': [31, 2, 4, 2, 1, 17, 14],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
  '.': [0, 0, 0, 0, 0, 12, 12],
  '-': [0, 0, 0, 31, 0, 0, 0],
  ' ': [0, 0, 0, 0, 0, 0, 0],
  a: [0, 0, 14, 1, 15, 17, 15],
  b: [16, 16, 22, 25, 17, 17, 30],
  e: [0, 0, 14, 17, 31, 16, 14],
  g: [0, 15, 17, 17, 15, 1, 14],
  h: [16, 16, 22, 25, 17, 17, 17],
  i: [4, 0, 12, 4, 4, 4, 14],
  l: [12, 4, 4, 4, 4, 4, 14],
  m: [0, 0, 26, 21, 21, 17, 17],
  n: [0, 0, 22, 25, 17, 17, 17],
  o: [0, 0, 14, 17, 17, 17, 14],
  p: [0, 0, 30, 17, 30, 16, 16],
  r: [0, 0, 22, 25, 16, 16, 16],
  s: [0, 0, 14, 16, 14, 1, 30],
  t: [8, 8, 28, 8, 8, 9, 6],
  N: [17, 17, 25, 21, 19, 17, 17],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
};

/** Pixels that a text takes. */
export function textWidth(text: string): number {
  return Math.max(0, text.length * (GLYPH_WIDTH + 1) - 1);
}

/** Writes a text in one shade of grey onto a picture, float32 CHW with three channels; characters without a glyph stay empty. */
export function drawText(
  { data, widthPx, heightPx }: { readonly data: Float32Array; readonly widthPx: number; readonly heightPx: number },
  text: string,
  left: number,
  top: number,
  shade: number,
): void {
  for (const [place, character] of [...text].entries()) {
    for (const [row, bits] of (GLYPHS[character] ?? []).entries()) {
      for (let column = 0; column < GLYPH_WIDTH; column++) {
        const x = left + place * (GLYPH_WIDTH + 1) + column;
        const y = top + row;
        if ((bits & (1 << (GLYPH_WIDTH - 1 - column))) === 0 || x < 0 || y < 0 || x >= widthPx || y >= heightPx) continue;
        for (let channel = 0; channel < 3; channel++) data[(channel * heightPx + y) * widthPx + x] = shade;
      }
    }
  }
}
