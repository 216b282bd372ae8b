import { expect, it } from 'vitest';
import { TorchGenerator } from '../noise/torch-generator.ts';
import { createVariation } from './vary-noise.ts';

const noise = new TorchGenerator(1n).randn(4096);
const length = (values: Float32Array) => Math.hypot(...values);
function vary(strength: number, batch = 1): Float32Array {
  const made = createVariation('2', strength, batch);
  return made.ok && made.value !== undefined ? made.value(noise) : noise;
}

it('stays as long as noise is, all along the arc', () => {
  for (const strength of [0.1, 0.5, 0.9]) expect(length(vary(strength)) / length(noise)).toBeCloseTo(1, 1);
});

it('begins with the one and ends with the other', () => {
  expect(vary(0)).toBe(noise);
  const other = vary(1);
  for (const [at, value] of new TorchGenerator(2n).randn(4096).entries()) expect(other[at]).toBeCloseTo(value, 5);
});

it('varies each picture of a batch by itself', () => {
  expect(vary(0.3, 2)).not.toEqual(vary(0.3, 1));
});

it('says whose seed is none', () => {
  expect(createVariation(['1'], 0.5, 2)).toMatchObject({ ok: false, problem: { socket: 'variationSeed' } });
});
