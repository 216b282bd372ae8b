import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createResampler, type PixelSize, type ResampleKernel } from './resample.ts';

type Pair = readonly [number, number];

interface GoldenCase {
  readonly kernel: ResampleKernel;
  readonly from: Pair;
  readonly to: Pair;
  readonly box: readonly [number, number, number, number] | null;
  readonly values: readonly number[];
}

const TOLERANCE = 1e-6;

// Written by test/golden/resize.py, whose docstring says what it holds.
const { cases } = JSON.parse(readFileSync(new URL('../../test/golden/resize.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly GoldenCase[];
};

const sizeOf = ([width, height]: Pair): PixelSize => ({ width, height });

function sourceOf({ width, height }: PixelSize): Float32Array {
  return Float32Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return ((37 * x + 91 * y + 13 * x * y) % 256) / 255;
  });
}

describe('createResampler', () => {
  for (const { kernel, from, to, box, values } of cases) {
    const part = box === null ? '' : `, from ${box.slice(0, 2).join('/')} to ${box.slice(2).join('/')}`;
    it(`gives Pillow's numbers for ${kernel}, ${from.join('×')} to ${to.join('×')}${part}`, () => {
      const given = box === null ? undefined : { left: box[0], top: box[1], right: box[2], bottom: box[3] };
      const source = sourceOf(sizeOf(from));
      const before = source.slice();
      const result = createResampler(sizeOf(from), sizeOf(to), kernel, given)(source);
      expect(result).toHaveLength(values.length);
      const difference = values.reduce((most, value, at) => Math.max(most, Math.abs(value - result[at]!)), 0);
      expect(difference).toBeLessThanOrEqual(TOLERANCE);
      expect(source).toEqual(before);
    });
  }

  it('keeps a plain area plain, whatever the kernel and the sizes', () => {
    for (const kernel of ['nearest', 'box', 'bilinear', 'bicubic', 'lanczos'] as const) {
      for (const to of [1, 2, 7, 31]) {
        const result = createResampler({ width: 10, height: 10 }, { width: to, height: 3 }, kernel)(new Float32Array(100).fill(0.25));
        for (const value of result) expect(value).toBeCloseTo(0.25, 6);
      }
    }
  });

  it('gives memory of its own where nothing changes', () => {
    const source = sourceOf({ width: 3, height: 3 });
    const result = createResampler({ width: 3, height: 3 }, { width: 3, height: 3 }, 'lanczos')(source);
    expect(result).toEqual(source);
    expect(result.buffer).not.toBe(source.buffer);
  });
});
