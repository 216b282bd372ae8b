import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { combine } from '../conditioning/combine.ts';
import { region } from '../conditioning/region.ts';
import { textEncoder } from '../conditioning/text-encoder.ts';
import type { ConditioningValue, LatentValue, ModelValue } from '../socket-values.ts';
import { type Tensor, tensor, zeros } from '../tensor.ts';
import { sampler } from './sampler.ts';

let models: TestModels;
let model: ModelValue;
beforeAll(async () => {
  models = openTestModels();
  ({ model } = await models.open('emoji'));
});
afterAll(() => models.close());

async function encode(prompt: string, syntax: 'plain' | 'weights' = 'weights'): Promise<ConditioningValue> {
  const { textEncoder: encoder } = await models.open('emoji');
  const inputs = { textEncoder: encoder };
  const { conditioning } = await outputsOf(textEncoder, { inputs, params: { prompt, syntax }, models: models.runtime });
  return conditioning as ConditioningValue; // what the node declares
}

/** The latents of a short run. */
async function draw(
  positive: ConditioningValue,
  { negative, guidance = 4, steps = 4 }: { negative?: ConditioningValue; guidance?: number; steps?: number } = {},
): Promise<Tensor> {
  const latent = { kind: 'latent', samples: zeros([1, model.space.channels, 8, 8]), space: model.space };
  const inputs = { model, positive, negative: negative ?? (await encode('', 'plain')), latent };
  const params = { steps, guidance, seed: '3', scheduler: 'ddim' };
  const { latent: drawn } = await outputsOf(sampler, { inputs, params, models: models.runtime });
  return (drawn as LatentValue).samples; // what the node declares
}

function largestDifference(a: Tensor, b: Tensor): number {
  return a.data.reduce((most, value, at) => Math.max(most, Math.abs(value - (b.data[at] ?? 0))), 0);
}

/** Runs of a small network in batches of other sizes differ by rounding. */
const ROUNDING = 2e-3;

describe('text states', () => {
  it('are the plain ones to the bit without markup', async () => {
    for (const prompt of ['', 'a red apple', 'a fox, 16:9, [']) {
      const given = await encode(prompt.replace('[', '\\['));
      expect(given).toEqual(await encode(prompt, 'plain'));
    }
  });

  it('move away from the empty text by the weight', async () => {
    const [plain, empty] = [await encode('a red apple', 'plain'), await encode('', 'plain')];
    const width = plain.states.shape[2] ?? 0;
    const { states } = await encode('a (red:1.5) apple');
    // Start, a, red, apple, end.
    for (const [at, value] of states.data.entries()) {
      const [full, base] = [plain.states.data[at] ?? 0, empty.states.data[at] ?? 0];
      const weight = Math.floor(at / width) === 2 ? 1.5 : 1;
      expect(value).toBeCloseTo((full - base) * weight + base, 5);
    }
  });

  it('follow each other where a text is long or broken', async () => {
    const { states } = await encode('a red apple BREAK a fox');
    const [apple, fox] = [await encode('a red apple', 'plain'), await encode('a fox', 'plain')];
    expect([...states.data]).toEqual([...apple.states.data, ...fox.states.data]);
    expect(states.shape).toEqual([1, 2 * (apple.states.shape[1] ?? 0), apple.states.shape[2]]);
    expect((await encode('apple '.repeat(100))).states.shape[1]).toBe(4 * (apple.states.shape[1] ?? 0));
  });
});

describe('a sampler', () => {
  it('takes a long text against a short one, as if the short one were repeated', async () => {
    const long = await encode('a red apple BREAK on a table');
    const { states } = await encode('', 'plain');
    const twice = { ...long, states: tensor(Float32Array.of(...states.data, ...states.data), long.states.shape) };
    // Nearly so: the pack also pools the tokens with their mean, which counts for less among more of them. Guidance multiplies that.
    const [alone, joined] = [await draw(long, { guidance: 1.5 }), await draw(long, { negative: twice, guidance: 1.5 })];
    expect(largestDifference(alone, joined)).toBeLessThan(ROUNDING);
  });

  it('changes the text by the step', async () => {
    const [apple, fox] = [await draw(await encode('a red apple')), await draw(await encode('a fox'))];
    expect(largestDifference(apple, fox)).toBeGreaterThan(0.1);
    expect(await draw(await encode('[a red apple:a fox:4]'))).toEqual(apple);
    expect(await draw(await encode('[a red apple:a fox:0]'))).toEqual(fox);
    const halfway = await draw(await encode('[a red apple:a fox:0.5]'));
    expect(await draw(await encode('[a red apple:a fox:2]'))).toEqual(halfway);
    expect(largestDifference(halfway, apple)).toBeGreaterThan(0.01);
    expect(await draw(await encode('[a red apple|a fox]'), { steps: 1 })).toEqual(await draw(await encode('a red apple'), { steps: 1 }));
    const turns = await draw(await encode('[a red apple|a fox]'));
    expect(await draw(await encode('[a red apple:[a fox:[a red apple:a fox:3]:2]:1]'))).not.toEqual(apple);
    expect(await draw(await encode('[a red apple:[a fox:[a red apple:a fox:3]:2]:1]'))).toEqual(turns);
  });

  it('adds up texts joined with AND', async () => {
    const apple = await draw(await encode('a red apple'));
    expect(largestDifference(await draw(await encode('a red apple :0.25 AND a red apple :0.75')), apple)).toBeLessThan(ROUNDING);
    expect(largestDifference(await draw(await encode('a red apple AND a fox :0')), apple)).toBeLessThan(ROUNDING);
    expect(largestDifference(await draw(await encode('a red apple AND a fox')), apple)).toBeGreaterThan(0.1);
    // Twice the text is twice the guidance.
    const doubled = await draw(await encode('a red apple AND a red apple'), { guidance: 2 });
    expect(largestDifference(doubled, apple)).toBeLessThan(ROUNDING);
  });

  it('averages them without guidance, and refuses weights without a mean', async () => {
    const alone = await draw(await encode('a red apple'), { guidance: 1 });
    const joined = await draw(await encode('a red apple AND a red apple :3'), { guidance: 1 });
    expect(largestDifference(joined, alone)).toBeLessThan(ROUNDING);
    const inputs = {
      model,
      positive: await encode('a AND b :-1'),
      latent: { kind: 'latent', samples: zeros([1, model.space.channels, 8, 8]), space: model.space },
    };
    const { outcome } = await runExample(sampler, { inputs, params: { guidance: 1, steps: 2 }, models: models.runtime });
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'node.invalidInput', socket: 'positive' } });
  });

  it('draws each region as its text says', async () => {
    const left = tensor(
      Float32Array.from({ length: 64 }, (_, at) => (at % 8 < 4 ? 1 : 0)),
      [1, 1, 8, 8],
    );
    const right = tensor(
      left.data.map((value) => 1 - value),
      left.shape,
    );
    const inRegion = async (prompt: string, mask: Tensor, strength = 1): Promise<unknown> => {
      const inputs = { conditioning: await encode(prompt), mask };
      return (await outputsOf(region, { inputs, params: { strength } }))['conditioning'];
    };
    const combined = async (...conditionings: unknown[]): Promise<ConditioningValue> =>
      (await outputsOf(combine, { inputs: { conditionings } }))['conditioning'] as ConditioningValue; // what the node declares
    const [apple, fox] = [await encode('a red apple'), await encode('a fox')];
    const options = { steps: 1 };
    const one = await draw(await combined(await inRegion('a red apple', left), await inRegion('a fox', right)), options);
    const [onlyApple, onlyFox] = [await draw(apple, options), await draw(fox, options)];
    for (const [at, value] of one.data.entries()) {
      const expected = (at % 8 < 4 ? onlyApple : onlyFox).data[at] ?? 0;
      expect(Math.abs(value - expected)).toBeLessThan(ROUNDING);
    }
    // What is not covered is drawn as the negative says; strengths weigh against each other.
    const half = await draw(await combined(await inRegion('a red apple', left)), options);
    const nothing = await draw(await encode(''), options);
    expect(Math.abs((half.data[7] ?? 0) - (nothing.data[7] ?? 0))).toBeLessThan(ROUNDING);
    const mixed = await draw(await combined(fox, await inRegion('a red apple', left, 3)), options);
    expect(Math.abs((mixed.data[0] ?? 0) - (0.75 * (onlyApple.data[0] ?? 0) + 0.25 * (onlyFox.data[0] ?? 0)))).toBeLessThan(ROUNDING);
    expect(Math.abs((mixed.data[7] ?? 0) - (onlyFox.data[7] ?? 0))).toBeLessThan(ROUNDING);
  });
});
