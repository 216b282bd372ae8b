import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, paramsOf, runExample } from '../../test/contracts/run-example.ts';
import { samplerContext } from '../../test/golden/sampler-context.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { samplingExample } from '../../test/sampling-example.ts';
import { unwrap } from '../../test/unwrap.ts';
import { Cancelled } from '../cancelled.ts';
import type { EvaluateContext } from '../context.ts';
import { ok } from '../problem.ts';
import type { AttentionValue, LatentValue } from '../socket-values.ts';
import { attentionMaps } from './attention-maps.ts';
import { sampler } from './sampler.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

const example = (name: 'tiny' | 'emoji', params: Readonly<Record<string, unknown>> = {}, batch = 1): Promise<NodeExample> =>
  samplingExample(models, name, params, { side: 16, batch });

const attentionOf = async (one: NodeExample): Promise<AttentionValue> =>
  (await outputsOf(attentionMaps, one))['attention'] as AttentionValue; // what it declares

nodeContract(attentionMaps, {
  examples: {
    'one picture with two seeds': () => example('emoji', { seed: ['1', '2'] }),
    'the mean of three steps': () => example('emoji'),
    'each step, for two pictures': () => example('emoji', { keep: 'each', layers: 'mid_block' }, 2),
    'a distilled model, without a second pass': () => example('tiny', { steps: 2, start: 0.5 }),
  },
});

describe('Attention Maps', () => {
  it('draws what the Sampler draws', async () => {
    const one = await example('emoji', { seed: '9' });
    const got = (await outputsOf(attentionMaps, one))['latent'] as LatentValue; // what both declare
    const want = (await outputsOf(sampler, one))['latent'] as LatentValue;
    for (const [at, value] of want.samples.data.entries()) expect(got.samples.data[at]).toBeCloseTo(value, 3);
  });

  it('keeps, for every layer and cell, shares of 1 over the tokens', async () => {
    const { layers, steps, tokens } = await attentionOf(await example('emoji', { keep: 'each' }));
    expect(layers.map(({ name, maps }) => [name, ...maps.shape])).toEqual([
      ['down_blocks.1.attentions.0.transformer_blocks.0.attn2', 1, 3, 32, 8, 8],
      ['mid_block.attentions.0.transformer_blocks.0.attn2', 1, 3, 32, 4, 4],
      ['up_blocks.1.attentions.0.transformer_blocks.0.attn2', 1, 3, 32, 8, 8],
      ['up_blocks.1.attentions.1.transformer_blocks.0.attn2', 1, 3, 32, 8, 8],
    ]);
    expect(steps).toEqual([0, 1, 2]);
    expect(tokens.words.map(({ text, rows }) => [text, ...rows])).toEqual([
      ['a', 1],
      ['red', 2],
      ['apple', 3],
    ]);
    for (const { maps } of layers) {
      const [, kept = 0, rows = 0, height = 0, width = 0] = maps.shape;
      const cells = height * width;
      for (let step = 0; step < kept; step++) {
        for (let cell = 0; cell < cells; cell++) {
          let sum = 0;
          for (let row = 0; row < rows; row++) sum += maps.data[(step * rows + row) * cells + cell] ?? 0;
          expect(sum).toBeCloseTo(1, 5);
        }
      }
    }
  });

  it('gives the mean of the steps that count', async () => {
    const each = await attentionOf(await example('emoji', { steps: 4, keep: 'each', layers: '4x4' }));
    const mean = await attentionOf(await example('emoji', { steps: 4, layers: '4x4', start: 0.5 }));
    expect([mean.steps, mean.isMean]).toEqual([[2, 3], true]);
    const [all, two] = [each.layers[0]?.maps, mean.layers[0]?.maps];
    const size = two?.data.length ?? 0;
    for (const at of [0, 77, size - 1]) {
      expect(two?.data[at]).toBeCloseTo(((all?.data[2 * size + at] ?? 0) + (all?.data[3 * size + at] ?? 0)) / 2, 6);
    }
  });

  it('goes on where it was stopped, also while a step was shown', async () => {
    const { vae } = await models.open('emoji');
    const one = await example('emoji', { steps: 4, keep: 'each', scheduler: 'euler_ancestral' });
    const inputs = { ...one.inputs, model: { ...(await models.open('emoji')).model, preview: vae } };
    const params = paramsOf(attentionMaps, one);
    const want = await outputsOf(attentionMaps, { ...one, inputs });
    let makeState = (): unknown => undefined;
    let shown = 0;
    const stopping: EvaluateContext = {
      ...samplerContext(models.runtime),
      saveState: (make) => {
        makeState = make;
      },
      async previewDecoded() {
        if (++shown === 2) throw new Cancelled();
        return ok(undefined);
      },
    };
    await expect(attentionMaps.evaluate(inputs, params, stopping)).rejects.toBeInstanceOf(Cancelled);
    const savedState = structuredClone(makeState());
    const resumed = await attentionMaps.evaluate(inputs, params, { ...stopping, savedState });
    expect(isDeepStrictEqual(unwrap(resumed), want)).toBe(true);
    // Two before it was stopped, two after.
    expect(shown).toBe(4);
  });

  it('knows the words of texts with weights', async () => {
    const one = await example('tiny', { steps: 1 });
    const { textEncoder } = await models.open('tiny');
    const encoded = await models.runtime.encodeText(textEncoder, { prompt: 'a (red:1.3) apple', clipSkip: 0, syntax: 'weights' });
    if (!encoded.ok) throw new Error(encoded.problem.message);
    const { tokens } = await attentionOf({ ...one, inputs: { ...one.inputs, positive: encoded.value } });
    expect(tokens.words.map(({ text }) => text)).toEqual(['a', 'red', 'apple']);
  });

  it.each([
    [
      'layers that are not there',
      { layers: 'up_blocks.7' },
      /has no layers “up_blocks\.7” .* There are down_blocks\.1, mid_block, up_blocks\.1, with maps of 8x8, 4x4\./,
    ],
    ['no steps', { start: 0.5, end: 0.5 }, /looks at the steps from 0\.5 to 0\.5 of all, which are none\. Set To above From\./],
    ['more than can be kept', { keep: 'each', steps: 1000 }, undefined],
  ])('refuses %s', async (_what, params, sentence) => {
    const one = await example('emoji', params, sentence === undefined ? 64 : 1);
    const { outcome } = await runExample(attentionMaps, one);
    expect(outcome).toMatchObject({ ok: false, problem: { message: expect.stringMatching(sentence ?? /would keep 1\.6 GiB of maps/) } });
  });

  it('draws one picture once for each of several seeds, and refuses another number of them', async () => {
    const { layers } = await attentionOf(await example('emoji', { seed: ['1', '2'] }));
    expect(layers[0]?.maps.shape[0]).toBe(2);
    const { outcome } = await runExample(attentionMaps, await example('emoji', { seed: ['1', '2', '3'] }, 2));
    expect(outcome).toMatchObject({
      ok: false,
      problem: { message: expect.stringContaining('Seed has 3 seeds for a batch of 2 pictures') },
    });
  });

  it('refuses texts that are several', async () => {
    const one = await example('emoji');
    const positive = await models.encode('emoji', 'a fox');
    for (const [change, what] of [
      [{ joined: [positive] }, 'texts joined with AND'],
      [{ beside: [positive] }, 'texts for regions'],
    ] as const) {
      const { outcome } = await runExample(attentionMaps, { ...one, inputs: { ...one.inputs, positive: { ...positive, ...change } } });
      expect(outcome).toMatchObject({ ok: false, problem: { socket: 'positive', message: expect.stringContaining(`gets ${what}.`) } });
    }
  });
});
