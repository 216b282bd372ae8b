import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { valueFits } from '../../test/contracts/value-type.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import type { InferenceContext } from '../define-node.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { literal, sizeField, struct } from '../types/socket-type.ts';
import { resizeImage } from './resize-image.ts';

type Pair = readonly [number, number];

// Written by test/golden/resize.py, whose docstring says what it holds.
const golden = JSON.parse(readFileSync(new URL('../../test/golden/resize.json', import.meta.url), 'utf8')) as {
  readonly covers: readonly { readonly kernel: string; readonly from: Pair; readonly to: Pair; readonly values: readonly number[] }[];
  readonly rgba: { readonly kernel: string; readonly from: Pair; readonly to: Pair; readonly color: number[]; readonly opacity: number[] };
};

const TOLERANCE = 1e-5;
const image = gradientPicture(2, 3, 10, 16);

/** Hears nothing and knows nothing: what is inferred alone counts. */
const QUIET: InferenceContext = {
  title: 'Resize Image',
  sourceTitle: (input) => input,
  refuse: () => undefined,
  warn: () => undefined,
  modelFacts: () => undefined,
  imageFacts: () => undefined,
  addOnFacts: () => undefined,
};

nodeContract(resizeImage, {
  examples: {
    'exact size': () => ({ inputs: { image }, params: { width: 7, height: 23 } }),
    scale: () => ({ inputs: { image }, params: { mode: 'scale', scale: 0.37, kernel: 'bicubic' } }),
    'a scale that leaves one pixel': () => ({ inputs: { image }, params: { mode: 'scale', scale: 0.01, kernel: 'box' } }),
    'longest side': () => ({ inputs: { image }, params: { mode: 'longest', longestSide: 24, kernel: 'nearest' } }),
    'fit in': () => ({ inputs: { image }, params: { mode: 'fit', width: 9, height: 5, kernel: 'bilinear' } }),
    'cover and crop': () => ({ inputs: { image }, params: { mode: 'cover', width: 5, height: 9 } }),
    grey: () => ({ inputs: { image: gradientPicture(1, 1, 5, 5) }, params: { width: 3, height: 8 } }),
    'with transparency': () => ({ inputs: { image: gradientPicture(1, 4, 5, 5) }, params: { width: 8, height: 8 } }),
    'nothing to do': () => ({ inputs: { image }, params: { width: 16, height: 10 } }),
  },
});

async function resize(given: Tensor, params: Readonly<Record<string, unknown>>): Promise<Tensor> {
  return (await outputsOf(resizeImage, { inputs: { image: given }, params }))['image'] as Tensor;
}

async function sizeAfter(width: number, height: number, params: Readonly<Record<string, unknown>>): Promise<string> {
  const { shape } = await resize(gradientPicture(1, 1, height, width), { kernel: 'nearest', ...params });
  return `${shape[3]}×${shape[2]}`;
}

/** The source of the golden values: one plane. */
function planeOf(width: number, height: number, isSwapped = false): Float32Array {
  return Float32Array.from({ length: width * height }, (_, at) => {
    const [column, row] = [at % width, Math.floor(at / width)];
    const [x, y] = isSwapped ? [row, column] : [column, row];
    return ((37 * x + 91 * y + 13 * x * y) % 256) / 255;
  });
}

function expectClose(actual: Float32Array, wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  for (const [at, value] of wanted.entries()) expect(Math.abs(actual[at]! - value)).toBeLessThanOrEqual(TOLERANCE);
}

describe('Resize Image', () => {
  it('finds sizes as its documentation says', async () => {
    expect(await sizeAfter(100, 50, { mode: 'size', width: 30, height: 40 })).toBe('30×40');
    expect(await sizeAfter(100, 50, { mode: 'scale', scale: 0.33 })).toBe('33×17');
    expect(await sizeAfter(100, 50, { mode: 'longest', longestSide: 30 })).toBe('30×15');
    expect(await sizeAfter(50, 100, { mode: 'longest', longestSide: 200 })).toBe('100×200');
    expect(await sizeAfter(100, 50, { mode: 'fit', width: 60, height: 60 })).toBe('60×30');
    expect(await sizeAfter(100, 50, { mode: 'fit', width: 60, height: 6 })).toBe('12×6');
    expect(await sizeAfter(100, 50, { mode: 'fit', width: 40, height: 20 })).toBe('40×20');
    expect(await sizeAfter(300, 1, { mode: 'longest', longestSide: 30 })).toBe('30×1');
    expect(await sizeAfter(100, 50, { mode: 'cover', width: 60, height: 60 })).toBe('60×60');
  });

  it('gives the numbers of ImageOps.fit in Pillow, clipped, for every picture of a batch', async () => {
    for (const { kernel, from, to, values } of golden.covers) {
      const plane = planeOf(...from);
      const both = tensor(Float32Array.from([...plane, ...plane]), [2, 1, from[1], from[0]]);
      const { data } = await resize(both, { mode: 'cover', kernel, width: to[0], height: to[1] });
      const clipped = values.map((value) => Math.min(1, Math.max(0, value)));
      expectClose(data, [...clipped, ...clipped]);
    }
  });

  it('multiplies colours by opacity as Pillow does', async () => {
    const { kernel, from, to, color, opacity } = golden.rgba;
    const plane = planeOf(...from);
    const alpha = planeOf(...from, true).map((value) => (value < 0.25 ? 0 : value));
    const given = tensor(Float32Array.from([...plane, ...plane, ...plane, ...alpha]), [1, 4, from[1], from[0]]);
    const { data } = await resize(given, { kernel, width: to[0], height: to[1] });
    expectClose(data, [...color, ...color, ...color, ...opacity]);
  });

  it('stays in 0…1 where a kernel overshoots', async () => {
    const edge = tensor(Float32Array.of(0, 0, 0, 1, 1, 1), [1, 1, 1, 6]);
    const { data } = await resize(edge, { mode: 'scale', scale: 4 });
    expect(Math.min(...data)).toBe(0);
    expect(Math.max(...data)).toBe(1);
  });

  it('refuses a picture that is too large', async () => {
    const { outcome } = await runExample(resizeImage, { inputs: { image }, params: { width: 16384, height: 16384 } });
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'node.invalidInput', message: expect.stringContaining('16384×16384') } });
  });
});

it('infers sizes that hold, from exact sizes and from ranges', async () => {
  const side = fc.integer({ min: 1, max: 40 });
  const params = fc.record({
    mode: fc.constantFrom('size', 'scale', 'longest', 'fit', 'cover'),
    width: side,
    height: side,
    longestSide: side,
    scale: fc.double({ min: 0.01, max: 3, noNaN: true }),
    kernel: fc.constant('nearest'),
  });
  await fc.assert(
    fc.asyncProperty(side, side, params, fc.integer({ min: 0, max: 5 }), async (width, height, chosen, slack) => {
      const { shape } = await resize(gradientPicture(1, 1, height, width), chosen);
      for (const spread of [0, slack]) {
        const range = (middle: number): [number, number] => [Math.max(1, middle - spread), middle + spread];
        const type = struct('image', { width: range(width), height: range(height), channels: 1, batch: 1 });
        const inferred = resizeImage.outputTypes?.({ image: type }, chosen, QUIET)['image'];
        expect(inferred && valueFits(inferred, tensor(new Float32Array(shape[2]! * shape[3]!), shape))).toBe(true);
        if (spread === 0)
          expect([literal(sizeField(inferred, 'width')), literal(sizeField(inferred, 'height'))]).toEqual([shape[3], shape[2]]);
      }
    }),
    { numRuns: 200, seed: 1 },
  );
});
