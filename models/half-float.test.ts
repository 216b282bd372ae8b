import { expect, it } from 'vitest';
import { roundToFloat16 } from '../nodes/noise/round-to-half.ts';
import { halfToNumber, toHalves } from './half-float.ts';

it('every half comes back from the number it stands for', () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, index) => index);
  const back = toHalves(Float32Array.from(bits, halfToNumber));
  for (const [index, value] of bits.entries()) {
    if (Number.isNaN(halfToNumber(value))) expect(halfToNumber(back[index] ?? 0)).toBeNaN();
    else expect(back[index]).toBe(value);
  }
});

it('numbers between two halves go to the nearer one, in the middle to the even one', () => {
  const numbers = Float32Array.from({ length: 20_000 }, (_, at) => Math.sin(at) * 2 ** ((at % 45) - 28));
  const middles = Float32Array.from({ length: 2000 }, (_, at) => (halfToNumber(at * 15) + halfToNumber(at * 15 + 1)) / 2);
  for (const values of [numbers, middles]) {
    const want = values.slice();
    roundToFloat16(want);
    expect(Float32Array.from(toHalves(values), halfToNumber)).toEqual(want);
  }
});
