import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, paramsOf, runExample } from '../../test/contracts/run-example.ts';
import { samplerContext } from '../../test/golden/sampler-context.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { samplingExample } from '../../test/sampling-example.ts';
import { unwrap } from '../../test/unwrap.ts';
import { Cancelled } from '../cancelled.ts';
import type { EvaluateContext } from '../context.ts';
import type { InferenceContext } from '../define-node.ts';
import { inpaintLatent } from '../latent/inpaint-latent.ts';
import { vaeEncode } from '../latent/vae-encode.ts';
import type { LatentValue } from '../socket-values.ts';
import { tensor } from '../tensor.ts';
import { sampler } from './sampler.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

const example = (name: 'tiny' | 'emoji', params: Readonly<Record<string, unknown>>, batch = 1): Promise<NodeExample> =>
  samplingExample(models, name, params, { side: 8, batch });

async function onPicture(params: Readonly<Record<string, unknown>>): Promise<NodeExample> {
  const base = await example('emoji', { steps: 10, seed: '5', ...params });
  const { vae } = await models.open('emoji');
  const encoded = await outputsOf(vaeEncode, { inputs: { vae, image: gradientPicture(1, 3, 32, 32) }, models: models.runtime });
  return { ...base, inputs: { ...base.inputs, latent: encoded['latent'] } };
}

nodeContract(sampler, {
  examples: {
    'three steps with guidance': () => example('emoji', { seed: '42' }),
    'no guidance, another scheduler': () => example('emoji', { guidance: 1, scheduler: 'euler_ancestral' }),
    'a seed for each picture': () => example('emoji', { seed: ['1', '2'] }, 2),
    'one picture with two seeds': () => example('emoji', { seed: ['1', '2'] }),
    'a distilled model': () => example('tiny', { steps: 2 }),
    'the first part of the noise schedule': () => example('emoji', { steps: 5, denoisingEnd: 0.6 }),
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

describe('a sampler with several seeds', () => {
  it.each([{ strength: 1 }, { strength: 0.6 }])('draws on one picture as each of them does alone: %o', async (params) => {
    const draw = async (seed: unknown): Promise<Float32Array> => {
      const { samples } = (await outputsOf(sampler, await onPicture({ ...params, seed })))['latent'] as LatentValue; // what the node declares
      return samples.data;
    };
    const seeds = ['5', '18446744073709551615', '6'];
    const together = await draw(seeds);
    for (const [index, seed] of seeds.entries()) {
      const alone = await draw(seed);
      expect(together).toHaveLength(3 * alone.length);
      const own = together.subarray(index * alone.length, (index + 1) * alone.length);
      for (const [at, value] of alone.entries()) expect(own[at]).toBeCloseTo(value, 3);
    }
  });
});

it('paints inside of a mask with several seeds as with each of them alone', async () => {
  const one = await onPicture({ strength: 0.6, steps: 5 });
  const { vae } = await models.open('emoji');
  const mask = tensor(
    Float32Array.from({ length: 32 * 32 }, (_, at) => (at % 32 < 16 ? 1 : 0)),
    [1, 1, 32, 32],
  );
  const encoded = await outputsOf(inpaintLatent, { inputs: { vae, image: gradientPicture(1, 3, 32, 32), mask }, models: models.runtime });
  const draw = async (seed: unknown): Promise<Float32Array> => {
    const drawn = await outputsOf(sampler, {
      ...one,
      inputs: { ...one.inputs, latent: encoded['latent'] },
      params: { ...one.params, seed },
    });
    return (drawn['latent'] as LatentValue).samples.data; // what the node declares
  };
  const [both, first, second] = [await draw(['3', '4']), await draw('3'), await draw('4')];
  for (const [at, value] of [...first, ...second].entries()) expect(both[at]).toBeCloseTo(value, 3);
  expect(first).not.toEqual(second);
});

describe('samplers that share a noise schedule', () => {
  const goOn = async (params: Readonly<Record<string, unknown>>, latent?: LatentValue): Promise<LatentValue> => {
    const one = await example('emoji', { steps: 6, seed: '9', scheduler: 'euler', ...params });
    const inputs = { ...one.inputs, ...(latent === undefined ? {} : { latent }) };
    return (await outputsOf(sampler, { ...one, inputs }))['latent'] as LatentValue; // what the node declares
  };

  it('give together what one gives alone', async () => {
    const whole = await goOn({});
    const first = await goOn({ denoisingEnd: 0.4 });
    const second = await goOn({ denoisingStart: 0.4, denoisingEnd: 0.7, seed: '1' }, first);
    const third = await goOn({ denoisingStart: 0.7, seed: '2' }, second);
    expect(third.samples.data).toEqual(whole.samples.data);
    expect(first.samples.data).not.toEqual(whole.samples.data);
  });

  it('tell and show the steps that they run', async () => {
    const { progress, previews } = await runExample(sampler, await example('emoji', { steps: 10, scheduler: 'ddim', denoisingEnd: 0.3 }));
    expect(progress).toEqual([1, 2, 3].map((done) => [done, 3]));
    expect(previews).toHaveLength(3);
  });

  it('go on where they were stopped', async () => {
    const one = await example('emoji', { steps: 8, scheduler: 'dpmpp_2m', denoisingEnd: 0.7 });
    const want = (await outputsOf(sampler, one))['latent'];
    let makeState = (): unknown => undefined;
    let shown = 0;
    const stopping: EvaluateContext = {
      ...samplerContext(models.runtime),
      saveState: (make) => {
        makeState = make;
      },
      progress() {
        if (++shown === 3) throw new Cancelled();
      },
    };
    const params = paramsOf(sampler, one);
    await expect(sampler.evaluate(one.inputs ?? {}, params, stopping)).rejects.toBeInstanceOf(Cancelled);
    const resumed = await sampler.evaluate(one.inputs ?? {}, params, { ...stopping, savedState: structuredClone(makeState()) });
    expect(unwrap(resumed)['latent']).toEqual(want);
    expect(shown).toBe(6);
  });

  it('take no strength, no blank canvas, and no part without steps', async () => {
    const refusal = async (one: NodeExample): Promise<unknown> => {
      const { outcome } = await runExample(sampler, one);
      return outcome.ok ? 'accepted' : [outcome.problem.socket, outcome.problem.message];
    };
    expect(await refusal(await onPicture({ denoisingStart: 0.5, strength: 0.5 }))).toEqual([
      'strength',
      expect.stringMatching(/^Strength is 0\.5 and Denoise from is 0\.5, and only one of them can say where to begin\. Set Strength to 1 /),
    ]);
    expect(await refusal(await example('emoji', { denoisingStart: 0.5 }))).toEqual([
      'denoisingStart',
      expect.stringContaining('the latent is empty: there is nothing to go on with'),
    ]);
    expect(await refusal(await onPicture({ denoisingStart: 0.8, denoisingEnd: 0.8 }))).toEqual([
      'denoisingStart',
      'Denoise from is 0.8 and Denoise until is 0.8, between which there is nothing to run. Set Denoise until above Denoise from.',
    ]);
    expect(await refusal(await onPicture({ scheduler: 'ddim', denoisingStart: 0.91, denoisingEnd: 0.95 }))).toEqual([
      'denoisingStart',
      'Between Denoise from 0.91 and Denoise until 0.95, none of 10 steps is left to run. Move them apart, or raise Steps.',
    ]);
    expect(await refusal(await example('emoji', { scheduler: 'ddim', denoisingEnd: 0.0004 }))).toEqual([
      'denoisingEnd',
      expect.stringContaining('none of 3 steps is left to run'),
    ]);
  });

  it('say so before anything runs', () => {
    const told = (params: Readonly<Record<string, unknown>>): string[] => {
      const said: string[] = [];
      const context: InferenceContext = {
        title: 'Sampler',
        sourceTitle: (input) => input,
        refuse: (socket, message) => said.push(`${socket}: ${message}`),
        warn: () => undefined,
        modelFacts: () => undefined,
        imageFacts: () => undefined,
        addOnFacts: () => undefined,
      };
      sampler.outputTypes?.({}, { ...paramsOf(sampler, {}), ...params }, context);
      return said;
    };
    expect(told({ denoisingStart: 0.8, denoisingEnd: 0.5 })).toEqual([
      expect.stringMatching(/^denoisingStart: Sampler: Denoise from is 0\.8 /),
    ]);
    expect(told({ denoisingStart: 0.8, strength: 0.5 })).toEqual([expect.stringMatching(/^strength: Sampler: Strength is 0\.5 /)]);
    expect(told({ denoisingStart: 0.8, denoisingEnd: undefined })).toEqual([]);
    expect(told({ denoisingStart: 0.8, strength: undefined })).toEqual([]);
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
    const { latent: two } = (await example('emoji', {}, 2)).inputs ?? {};
    expect(await refusal({ seed: ['1', '2', '3'] }, () => ({ latent: two }))).toBe(
      'Seed has 3 seeds for a batch of 2 pictures. Give one seed, or one for each picture.',
    );
    expect(await refusal({}, () => ({ positive: { ...text, family: 'sdxl' } }))).toContain('and gets text for SDXL. Encode the text');
    expect(await refusal({}, () => ({ model: { ...model, inChannels: 9 } }))).toContain('takes 9 channels where its latents have 8');
    expect(await refusal({ scheduler: 'no such thing' }, () => ({}))).toContain('There is no scheduler preset "no such thing".');
    const tiny = await models.encode('tiny', 'a fox');
    expect(await refusal({}, () => ({ positive: tiny }))).toMatch(/attends to text 384 numbers wide, and gets text \d+ wide/);
  });
});
