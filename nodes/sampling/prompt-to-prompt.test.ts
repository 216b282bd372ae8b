import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { drawingInputs } from '../../test/sampling-example.ts';
import { vaeEncode } from '../latent/vae-encode.ts';
import type { LatentValue } from '../socket-values.ts';
import { promptToPrompt } from './prompt-to-prompt.ts';
import { sampler } from './sampler.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

interface Prompts {
  readonly source?: string;
  readonly edited?: string;
}

async function example(
  name: 'tiny' | 'emoji',
  params: Readonly<Record<string, unknown>> = {},
  { source = 'a red apple', edited = 'a green apple' }: Prompts = {},
  batch = 1,
): Promise<NodeExample> {
  return {
    inputs: {
      ...(await drawingInputs(models, name, { side: 16, batch })),
      source: await models.encode(name, source),
      edited: await models.encode(name, edited),
    },
    params: { steps: 4, ...params },
    models: models.runtime,
  };
}

async function draw(one: NodeExample): Promise<{ source: Float32Array; edited: Float32Array }> {
  const { source, edited } = (await outputsOf(promptToPrompt, one)) as Record<'source' | 'edited', LatentValue>; // what it declares
  return { source: source.samples.data, edited: edited.samples.data };
}

const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;

nodeContract(promptToPrompt, {
  examples: {
    'a word replaced': () => example('emoji'),
    'a refined text, blended, with weights': () =>
      example('emoji', { weights: 'shiny: 2', blendWords: 'apple', wordSteps: 'shiny: 0.2' }, { edited: 'a shiny red apple' }),
    'two pictures from a list of seeds, noisy steps': () => example('emoji', { seed: ['1', '2'], scheduler: 'euler_ancestral' }, {}, 2),
    'a distilled model, without a second pass': () => example('tiny', { steps: 2 }),
  },
});

describe('Prompt-to-Prompt', () => {
  it('draws the source as the Sampler does, with every kind of noise', async () => {
    for (const scheduler of ['default', 'euler_ancestral', 'dpmpp_sde']) {
      const one = await example('emoji', { seed: '7', scheduler }, {}, 2);
      const { source } = await draw(one);
      const inputs = { ...one.inputs, positive: one.inputs?.['source'] };
      const alone = (await outputsOf(sampler, { ...one, inputs, params: { steps: 4, seed: '7', scheduler } }))['latent'] as LatentValue; // what it declares
      expect(distance(source, alone.samples.data), scheduler).toBeLessThan(1e-3);
    }
  });

  it('draws one picture once for each of several seeds', async () => {
    const both = await draw(await example('emoji', { seed: ['3', '4'] }));
    const alone = await draw(await example('emoji', { seed: '4' }));
    const half = (data: Float32Array): Float32Array => data.subarray(data.length / 2);
    expect(distance(half(both.source), alone.source)).toBeLessThan(1e-3);
    expect(distance(half(both.edited), alone.edited)).toBeLessThan(1e-3);
  });

  it('gives the source twice for the same text', async () => {
    const { source, edited } = await draw(await example('emoji', {}, { edited: 'a red apple' }));
    expect(distance(source, edited)).toBeLessThan(1e-5);
  });

  it('stays closer to the source the longer it follows it', async () => {
    const far = async (share: number): Promise<number> => {
      const { source, edited } = await draw(
        await example('emoji', { steps: 8, crossSteps: share, selfSteps: share }, { edited: 'a red car' }),
      );
      return distance(source, edited);
    };
    const [free, half, whole] = [await far(0), await far(0.5), await far(1)];
    expect(whole).toBeLessThan(half);
    expect(half).toBeLessThan(free);
  });

  it('changes nothing but the edited picture where a word weighs more', async () => {
    const same = { edited: 'a red apple' };
    const plain = await draw(await example('emoji', {}, same));
    const heavy = await draw(await example('emoji', { weights: 'red: 5' }, same));
    expect(distance(plain.source, heavy.source)).toBe(0);
    expect(distance(plain.edited, heavy.edited)).toBeGreaterThan(1e-3);
  });

  it('keeps the source where nobody looks at the blended words', async () => {
    const { source, edited } = await draw(await example('emoji', { blendWords: 'red > green', threshold: 1 }));
    // Nothing is above the strongest.
    expect(distance(source, edited)).toBe(0);
  });

  it('edits what is drawn on a picture', async () => {
    const one = await example('emoji', { steps: 6, strength: 0.5 });
    const { vae } = await models.open('emoji');
    const { latent } = await outputsOf(vaeEncode, { inputs: { vae, image: gradientPicture(1, 3, 64, 64) }, models: models.runtime });
    const { source, edited } = await draw({ ...one, inputs: { ...one.inputs, latent } });
    expect(distance(source, edited)).toBeGreaterThan(1e-3);
  });

  it.each<[string, Readonly<Record<string, unknown>>, Prompts, RegExp]>([
    [
      'to replace words by more',
      { edit: 'replace' },
      { edited: 'a green apple pie' },
      /the source has 3 words where the edited prompt has 4\. Write as many words, or set Edit to refine\./,
    ],
    [
      'weights of words that are not there',
      { weights: 'pear: 2' },
      {},
      /finds no “pear” in the prompt “a green apple”\. Write words as they stand there\./,
    ],
    [
      'weights without a number',
      { weights: 'apple' },
      {},
      /wants “word: number” with numbers from -100 to 100, and got “apple”\. Write for example “hat: 2”\./,
    ],
    ['shares above 1', { wordSteps: 'apple: 1.5' }, {}, /numbers from 0 to 1, and got “apple: 1\.5”/],
    ['blended words of one text alone', { blendWords: 'red' }, {}, /finds no “red” in the prompt “a green apple”/],
  ])('refuses %s', async (_what, params, prompts, sentence) => {
    const { outcome } = await runExample(promptToPrompt, await example('emoji', params, prompts));
    expect(outcome).toMatchObject({ ok: false, problem: { message: expect.stringMatching(sentence) } });
  });

  it('refuses texts of unequal length', async () => {
    const one = await example('tiny');
    const { textEncoder } = await models.open('tiny');
    const long = await models.runtime.encodeText(textEncoder, { prompt: 'a BREAK b', clipSkip: 0, syntax: 'weights' });
    if (!long.ok) throw new Error(long.problem.message);
    const { outcome } = await runExample(promptToPrompt, { ...one, inputs: { ...one.inputs, edited: long.value } });
    expect(outcome).toMatchObject({ ok: false, problem: { socket: 'edited', message: expect.stringContaining('gets 77 and 154.') } });
  });
});
