/** Red, green, blue and opacity, each in 0…1; sRGB. */
export type Color = readonly [number, number, number, number];

const COLOR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i;

/** Whether a text is a colour: #rgb, #rrggbb or #rrggbbaa. */
export function isColor(text: string): boolean {
  return COLOR.test(text);
}

/** The colour that a text is; values of colour parameters always are one. */
export function parseColor(text: string): Color {
  if (!isColor(text)) throw new Error(`${JSON.stringify(text)} is no colour`);
  const digits = text.length === 4 ? text.slice(1).replace(/./g, '$&$&') : text.slice(1);
  const channel = (index: number): number => Number.parseInt(digits.slice(index * 2, index * 2 + 2) || 'ff', 16) / 255;
  return [channel(0), channel(1), channel(2), channel(3)];
}
