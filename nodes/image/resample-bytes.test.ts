import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createByteResampler } from './resample-bytes.ts';

type Pair = readonly [width: number, height: number];

// Written by test/golden/resize.py, whose docstring says what it holds.
const { bytes } = JSON.parse(readFileSync(new URL('../../test/golden/resize.json', import.meta.url), 'utf8')) as {
  readonly bytes: readonly { readonly from: Pair; readonly to: Pair; readonly values: readonly number[] }[];
};

describe('createByteResampler', () => {
  it.each(bytes.map((one) => [`${one.from.join('×')} to ${one.to.join('×')}`, one] as const))(
    'gives Pillow’s bytes for %s',
    (_name, one) => {
      const [width, height] = one.from;
      const source = Float32Array.from({ length: width * height }, (_, at) => {
        const [x, y] = [at % width, Math.floor(at / width)];
        return ((37 * x + 91 * y + 13 * x * y) % 256) / 255;
      });
      const resample = createByteResampler({ width, height }, { width: one.to[0], height: one.to[1] }, 'lanczos');
      expect(Array.from(resample(source), (value) => Math.round(value * 255))).toEqual(one.values);
    },
  );
});
