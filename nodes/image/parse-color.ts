/** Red, green, blue and opacity, each in 0…1; sRGB. */
export type Color = readonly [number, number, number, number];

/** How many characters the longest way to write a colour has. */
export const LONGEST_COLOR = 9;

const COLOR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i;

/** A colour written as #rgb, #rrggbb or #rrggbbaa; undefined for anything else. */
export function parseColor(text: string): Color | undefined {
  if (!COLOR.test(text)) return undefined;
  const digits = text.length === 4 ? text.slice(1).replace(/./g, '$&$&') : text.slice(1);
  const channel = (index: number): number => Number.parseInt(digits.slice(index * 2, index * 2 + 2) || 'ff', 16) / 255;
  return [channel(0), channel(1), channel(2), channel(3)];
}

/** The sentence about a text that is no colour. */
export function explainColor(title: string, text: string): string {
  return `${title}: ${JSON.stringify(text)} is no colour. Write one as #rgb, #rrggbb or #rrggbbaa, such as #ffffff for white.`;
}
