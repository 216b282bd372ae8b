/** Black, violet, red, orange, pale yellow: matplotlib's inferno at equal distances, 0…255. */
const INFERNO = [
  [0, 0, 4],
  [40, 11, 84],
  [101, 21, 110],
  [159, 42, 99],
  [212, 72, 66],
  [245, 125, 21],
  [250, 193, 39],
  [252, 255, 164],
] as const;

/** The colour for a heat in 0…1: red, green and blue in 0…1. */
export function heatColour(heat: number): readonly [number, number, number] {
  const place = Math.min(1, Math.max(0, heat)) * (INFERNO.length - 1);
  const at = Math.min(INFERNO.length - 2, Math.floor(place));
  const [from, to] = [INFERNO[at] ?? INFERNO[0], INFERNO[at + 1] ?? INFERNO[0]];
  const share = place - at;
  const mix = (channel: 0 | 1 | 2): number => (from[channel] + share * (to[channel] - from[channel])) / 255;
  return [mix(0), mix(1), mix(2)];
}
