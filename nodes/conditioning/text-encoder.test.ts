import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { textEncoder } from './text-encoder.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function example(name: 'tiny' | 'emoji', params: Readonly<Record<string, unknown>>): Promise<NodeExample> {
  const { textEncoder: encoder } = await models.open(name);
  return { inputs: { textEncoder: encoder }, params, models: models.runtime };
}

nodeContract(textEncoder, {
  examples: {
    'a prompt': () => example('tiny', { prompt: 'a red apple' }),
    'a prompt for the bundled model': () => example('emoji', { prompt: 'a red apple' }),
    'no text': () => example('tiny', {}),
    'clip skip': () => example('tiny', { prompt: 'a red apple', clipSkip: 1 }),
  },
});

describe('Text Encoder', () => {
  it('takes no text for an empty text outside of SDXL', async () => {
    const open = await outputsOf(textEncoder, await example('tiny', { prompt: null }));
    expect(open).toEqual(await outputsOf(textEncoder, await example('tiny', { prompt: '' })));
    expect(open).not.toEqual(await outputsOf(textEncoder, await example('tiny', { prompt: 'a fox' })));
  });
});
