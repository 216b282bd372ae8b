import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { vaeEncode } from '../latent/vae-encode.ts';
import type { LatentValue } from '../socket-values.ts';
import { zeros } from '../tensor.ts';
import { sampler } from './sampler.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function example(name: 'tiny' | 'emoji', params: Readonly<Record<string, unknown>>, batch = 1): Promise<NodeExample> {
  const { model } = await models.open(name);
  const { space } = model;
  return {
    inputs: {
      model,
      positive: await models.encode(name, 'a red apple'),
      negative: await models.encode(name, ''),
      latent: { kind: 'latent', samples: zeros([batch, space.channels, 8, 8]), space },
    },
    params: { steps: 3, ...params },
    models: models.runtime,
  };
}

nodeContract(sampler, {
  examples: {
    'three steps with guidance': () => example('emoji', { seed: '42' }),
    'no guidance, another scheduler': () => example('emoji', { guidance: 1, scheduler: 'euler_ancestral' }),
    'a seed for each picture': () => example('emoji', { seed: ['1', '2'] }, 2),
    'a distilled model': () => example('tiny', { steps: 2 }),
  },
});

describe('Sampler', () => {
  it('tells each step and shows it', async () => {
    const { progress, previews } = await runExample(sampler, await example('emoji', {}));
    expect(progress).toEqual([1, 2, 3].map((done) => [done, 3]));
    expect(previews).toHaveLength(3);
  });

  it('gives each picture of a batch what its seed gives alone', async () => {
    const both = (await outputsOf(sampler, await example('emoji', { seed: ['1', '2'] }, 2)))['latent'] as {
      samples: { data: Float32Array };
    };
    const second = (await outputsOf(sampler, await example('emoji', { seed: '2' })))['latent'] as { samples: { data: Float32Array } };
    const half = both.samples.data.subarray(both.samples.data.length / 2);
    for (const [at, value] of second.samples.data.entries()) expect(half[at]).toBeCloseTo(value, 3);
  });

  it('varies a picture by the noise of another seed, and at 1 draws that one', async () => {
    const draw = async (params: Readonly<Record<string, unknown>>) =>
      ((await outputsOf(sampler, await example('emoji', params)))['latent'] as LatentValue).samples.data;
    const [first, other] = [await draw({ seed: '1' }), await draw({ seed: '2' })];
    const far = (from: Float32Array, to: Float32Array) => Math.hypot(...from.map((value, at) => value - to[at]!));
    const varied = await draw({ seed: '1', variation: 0.2, variationSeed: '2' });
    expect(far(varied, first)).toBeGreaterThan(0);
    expect(far(varied, first)).toBeLessThan(far(varied, other));
    expect(far(await draw({ seed: '1', variation: 1, variationSeed: '2' }), other)).toBeLessThan(1e-3);
  });

  it('guides between two shares of the steps only', async () => {
    const draw = async (params: Readonly<Record<string, unknown>>) =>
      ((await outputsOf(sampler, await example('emoji', params)))['latent'] as LatentValue).samples.data;
    const [always, never] = [await draw({}), await draw({ guidance: 1 })];
    expect(await draw({ guidanceStart: 0, guidanceEnd: 1 })).toEqual(always);
    expect(await draw({ guidanceStart: 0.5, guidanceEnd: 0.5 })).toEqual(never);
    const late = await draw({ guidanceStart: 0.34 });
    expect(late).not.toEqual(always);
    expect(late).not.toEqual(never);
  });

  it('refuses a strength with nothing to keep', async () => {
    const { outcome } = await runExample(sampler, await example('emoji', { strength: 0.5 }));
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'node.invalidInput', socket: 'strength' } });
  });
});

describe('a sampler that draws on a picture', () => {
  const onPicture = async (params: Readonly<Record<string, unknown>>): Promise<NodeExample> => {
    const base = await example('emoji', { steps: 10, seed: '5', ...params });
    const { vae } = await models.open('emoji');
    const encoded = await outputsOf(vaeEncode, { inputs: { vae, image: gradientPicture(1, 3, 32, 32) }, models: models.runtime });
    return { ...base, inputs: { ...base.inputs, latent: encoded['latent'] } };
  };

  it('keeps more of it the lower the strength', async () => {
    const distance = async (strength: number): Promise<number> => {
      const one = await onPicture({ strength });
      const before = one.inputs?.['latent'] as LatentValue; // what VAE Encode gave
      const after = (await outputsOf(sampler, one))['latent'] as LatentValue; // what the node declares
      return after.samples.data.reduce((sum, value, at) => sum + (value - (before.samples.data[at] ?? 0)) ** 2, 0);
    };
    expect(await distance(0.2)).toBeLessThan(await distance(0.8));
  });

  it('refuses a strength that leaves no step', async () => {
    const { outcome } = await runExample(sampler, await onPicture({ strength: 0.05 }));
    expect(outcome).toMatchObject({
      ok: false,
      problem: { message: 'With Strength 0.05, none of 10 steps is left to run. Raise Strength or Steps.', socket: 'strength' },
    });
  });
});

describe('a sampler whose inputs do not fit', () => {
  const refusal = async (
    params: Readonly<Record<string, unknown>>,
    change: (inputs: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
  ): Promise<string> => {
    const one = await example('emoji', params);
    const { outcome } = await runExample(sampler, { ...one, inputs: { ...one.inputs, ...change(one.inputs ?? {}) } });
    return outcome.ok ? 'accepted' : outcome.problem.message;
  };

  it('says what it wants, what it gets, and what to do', async () => {
    const { model } = await models.open('emoji');
    const text = await models.encode('emoji', 'a fox');
    expect(await refusal({ seed: ['1', '2', '3'] }, () => ({}))).toBe(
      'Seed has 3 seeds for a batch of 1 pictures. Give one seed, or one for each picture.',
    );
    expect(await refusal({}, () => ({ positive: { ...text, family: 'sdxl' } }))).toContain('and gets text for SDXL. Encode the text');
    expect(await refusal({}, () => ({ model: { ...model, inChannels: 9 } }))).toContain('takes 9 channels where its latents have 4');
    expect(await refusal({ scheduler: 'no such thing' }, () => ({}))).toContain('There is no scheduler preset "no such thing".');
    const tiny = await models.encode('tiny', 'a fox');
    expect(await refusal({}, () => ({ positive: tiny }))).toMatch(/attends to text 384 numbers wide, and gets text \d+ wide/);
  });
});
