import { describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import type { AttentionValue } from '../socket-values.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { wordHeatMaps } from './word-heat-maps.ts';

const UP = 'up_blocks.1.attentions.0.transformer_blocks.0.attn2';
const MIDDLE = 'mid_block.attentions.0.transformer_blocks.0.attn2';

/** Attention that falls on another cell for each token: token t of picture p looks at cell t + p; steps and layers weigh it. */
function attention(batch = 1, steps = 1): AttentionValue {
  const layer = (name: string, side: number, weight: number) => {
    const [tokens, cells] = [4, side * side];
    const data = new Float32Array(batch * steps * tokens * cells);
    for (let at = 0; at < batch * steps * tokens; at++) {
      const [picture, step, token] = [Math.floor(at / tokens / steps), Math.floor(at / tokens) % steps, at % tokens];
      data[at * cells + ((token + picture) % cells)] = weight * (step + 1);
    }
    return { name, maps: tensor(data, [batch, steps, tokens, side, side]) };
  };
  return {
    kind: 'attention',
    tokens: {
      ids: [0, 5, 6, 1],
      used: 4,
      words: [
        { text: 'red', rows: [1] },
        { text: 'apple', rows: [2] },
        { text: '!', rows: [3] },
      ],
    },
    steps: Array.from({ length: steps }, (_, step) => step),
    isMean: steps === 1,
    layers: [layer(UP, 4, 0.5), layer(MIDDLE, 2, 0.25)],
  };
}

const tensorsOf = async (inputs: NodeExample['inputs'], params: NodeExample['params'] = {}): Promise<Record<'image' | 'heat', Tensor>> =>
  (await outputsOf(wordHeatMaps, { inputs: inputs ?? {}, params: params ?? {} })) as Record<'image' | 'heat', Tensor>; // what it declares

nodeContract(wordHeatMaps, {
  examples: {
    'every word over a picture': () => ({ inputs: { attention: attention(), image: gradientPicture(1, 3, 16, 16) } }),
    'maps alone': () => ({ inputs: { attention: attention(2) }, params: { leastSize: 16 } }),
    'each step, over grey pictures with an alpha channel': () => ({
      inputs: { attention: attention(2, 3), image: gradientPicture(2, 4, 16, 16) },
      params: { over: 'steps', leastSize: 1, scale: 'together' },
    }),
    'each layer, as it is': () => ({
      inputs: { attention: attention() },
      params: { over: 'layers', scale: 'none', captions: false, leastSize: 8 },
    }),
  },
});

describe('Word Heat Maps', () => {
  it('is bright where a word is looked at', async () => {
    const { heat } = await tensorsOf({ attention: attention() }, { layers: 'up_blocks', leastSize: 1 });
    expect(heat.shape).toEqual([2, 1, 32, 32]);
    // "red" is cell 1 of 4×4 cells of 8 pixels, "apple" cell 2.
    const brightest = (index: number): number => {
      const map = heat.data.subarray(index * 1024, (index + 1) * 1024);
      return map.indexOf(Math.max(...map));
    };
    expect([0, 1].map((index) => [Math.floor((brightest(index) % 32) / 8), Math.floor(brightest(index) / 256)])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(Math.max(...heat.data)).toBe(1);
  });

  it('averages tokens, layers and steps', async () => {
    const params = { scale: 'none', captions: false, pictureFirst: false, leastSize: 1 };
    const flat = (weights: readonly number[]): AttentionValue => ({
      ...attention(),
      layers: weights.map((weight, index) => ({
        name: index === 0 ? UP : MIDDLE,
        maps: tensor(new Float32Array(4 * 4).fill(weight), [1, 1, 4, 2, 2]),
      })),
    });
    const { heat } = await tensorsOf({ attention: flat([0.5, 0.25]) }, { ...params, words: 'red apple' });
    expect(heat.shape).toEqual([1, 1, 16, 16]);
    for (const value of heat.data) expect(value).toBeCloseTo(0.375, 6);
    const { heat: steps } = await tensorsOf({ attention: attention(1, 3) }, { ...params, over: 'steps', words: 'red' });
    const sums = [0, 1, 2].map((step) => steps.data.subarray(step * 1024, (step + 1) * 1024).reduce((sum, value) => sum + value, 0));
    expect((sums[2] ?? 0) / (sums[0] ?? 1)).toBeCloseTo(3, 1);
  });

  it('stretches each map by itself, or all alike', async () => {
    const most = async (scale: string): Promise<number[]> => {
      const { heat } = await tensorsOf({ attention: attention(1, 2) }, { scale, over: 'steps', words: 'red', leastSize: 1 });
      return [0, 1].map((step) => Math.max(...heat.data.subarray(step * 1024, (step + 1) * 1024)));
    };
    expect(await most('each')).toEqual([1, 1]);
    const [first = 0, second = 0] = await most('together');
    expect(second).toBe(1);
    expect(first).toBeCloseTo(0.5, 1);
  });

  it('begins with the picture, enlarges small ones, and writes below', async () => {
    const image = gradientPicture(1, 3, 16, 16);
    const { image: sheet, heat } = await tensorsOf({ attention: attention(), image }, { leastSize: 60 });
    expect(sheet.shape).toEqual([3, 3, 64 + 13, 64]);
    expect(heat.shape).toEqual([2, 1, 16, 16]);
    const strip = (index: number): number => {
      const start = index * 3 * 77 * 64 + 64 * 64;
      return Math.max(...sheet.data.subarray(start, start + 13 * 64));
    };
    expect([0, 1, 2].map((index) => strip(index) > 0)).toEqual([false, true, true]);
    const { image: bare } = await tensorsOf(
      { attention: attention(), image },
      { captions: false, pictureFirst: false, leastSize: 1, opacity: 0 },
    );
    expect(bare.shape).toEqual([2, 3, 16, 16]);
  });

  it.each<[string, Readonly<Record<string, unknown>>, number | undefined, RegExp]>([
    [
      'words that are not there',
      { words: 'pear' },
      undefined,
      /finds no “pear” in the prompt “red apple !”\. Write words as they stand there\./,
    ],
    [
      'layers that are not there',
      { layers: 'down' },
      undefined,
      /has no layers “down” .* There are up_blocks\.1, mid_block, with maps of 4x4, 2x2\./,
    ],
    [
      'other pictures than were watched',
      {},
      3,
      /gets maps of 1 pictures, and 3 pictures\. Wire the pictures that were decoded from the same latent\./,
    ],
  ])('refuses %s', async (_what, params, pictures, sentence) => {
    const image = pictures === undefined ? {} : { image: gradientPicture(pictures, 3, 16, 16) };
    const { outcome } = await runExample(wordHeatMaps, { inputs: { attention: attention(), ...image }, params });
    expect(outcome).toMatchObject({ ok: false, problem: { message: expect.stringMatching(sentence) } });
  });

  it('refuses single steps where only their mean was kept', async () => {
    const mean = { ...attention(), steps: [0, 1, 2] };
    const { outcome } = await runExample(wordHeatMaps, { inputs: { attention: mean }, params: { over: 'steps' } });
    expect(outcome).toMatchObject({
      ok: false,
      problem: { message: expect.stringContaining('gets the mean of 3. Set Keep of Attention Maps to each.') },
    });
  });
});
