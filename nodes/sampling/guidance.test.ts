import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { TorchGenerator } from '../noise/torch-generator.ts';
import type { LatentSpace, LatentValue } from '../socket-values.ts';
import { tensor } from '../tensor.ts';
import { guidance } from './guidance.ts';

const space: LatentSpace = { id: 'sd', label: 'SD 1.x / 2.x', channels: 4, factor: 8 };
const noise = (seed: bigint, shape = [1, 4, 8, 8]): LatentValue => {
  const count = shape.reduce((product, size) => product * size, 1);
  return { kind: 'latent', samples: tensor(new TorchGenerator(seed).randn(count), shape), space };
};
const inputs = { conditional: noise(1n), unconditional: noise(2n) };

nodeContract(guidance, {
  examples: {
    'as everywhere': () => ({ inputs, params: {} }),
    'rescaled and thresholded': () => ({ inputs, params: { guidance: 20, rescale: 0.7, mimic: 5 } }),
  },
});

async function predict(params: Readonly<Record<string, unknown>>): Promise<Float32Array> {
  return ((await outputsOf(guidance, { inputs, params }))['prediction'] as LatentValue).samples.data;
}

it('amplifies the difference', async () => {
  const guided = await predict({ guidance: 3 });
  for (const [at, value] of guided.entries()) {
    const [a, b] = [inputs.conditional.samples.data[at]!, inputs.unconditional.samples.data[at]!];
    expect(value).toBeCloseTo(b + 3 * (a - b), 5);
  }
});

it('guides inside of its interval only', async () => {
  const alone = inputs.conditional.samples.data;
  const interval = { start: 0.25, end: 0.5, steps: 8 };
  expect(await predict({ ...interval, step: 1 })).toEqual(alone);
  expect(await predict({ ...interval, step: 2 })).not.toEqual(alone);
  expect(await predict({ ...interval, step: 4 })).toEqual(alone);
});

it('keeps the range of the guidance that it mimics, and the mean', async () => {
  const [high, low, both] = [await predict({ guidance: 20 }), await predict({ guidance: 4 }), await predict({ guidance: 20, mimic: 4 })];
  const plane = (values: Float32Array) => [...values.subarray(0, 64)];
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const range = (values: number[]) => Math.max(...values.map((value) => Math.abs(value - mean(values))));
  expect(range(plane(high))).toBeGreaterThan(2 * range(plane(low)));
  expect(range(plane(both))).toBeLessThan(1.1 * range(plane(low)));
  expect(mean(plane(both))).toBeCloseTo(mean(plane(high)), 1);
  for (const [at, value] of (await predict({ guidance: 4, mimic: 4, percentile: 1 })).entries()) expect(value).toBeCloseTo(low[at]!, 4);
});

it('refuses predictions of two sizes', async () => {
  const { outcome } = await runExample(guidance, { inputs: { ...inputs, unconditional: noise(1n, [1, 4, 4, 4]) }, params: {} });
  expect(outcome).toMatchObject({ ok: false, problem: { socket: 'unconditional', message: /Wire both from one U-Net Step/ } });
});
