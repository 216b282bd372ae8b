import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { unwrap } from '../../test/unwrap.ts';
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
    'weights, changes and several texts': () =>
      example('tiny', { prompt: '(a:1.2) [red:green:0.5] apple BREAK [on|by] a table AND a fox :0.5', syntax: 'weights' }),
    'a long text with weights for the bundled model': () => example('emoji', { prompt: '(apple) '.repeat(50), syntax: 'weights' }),
    'no text with weights': () => example('tiny', { syntax: 'weights' }),
    'clip skip': () => example('tiny', { prompt: 'a red apple', clipSkip: 1 }),
  },
});

describe('Text Encoder', () => {
  it('takes no text for an empty text outside of SDXL', async () => {
    const open = await outputsOf(textEncoder, await example('tiny', { prompt: null }));
    expect(open).toEqual(await outputsOf(textEncoder, await example('tiny', { prompt: '' })));
    expect(open).not.toEqual(await outputsOf(textEncoder, await example('tiny', { prompt: 'a fox' })));
  });

  it('has SDXL’s second encoder read the first prompt where the second is empty, as diffusers does', async () => {
    const sdxl = fileURLToPath(new URL('../../test/golden/onnx-folders/sdxl', import.meta.url));
    const { textEncoder: encoder } = unwrap(await models.runtime.open(sdxl, null));
    const encode = (params: Readonly<Record<string, unknown>>) =>
      outputsOf(textEncoder, { inputs: { textEncoder: encoder }, params: { prompt: 'an owl', ...params }, models: models.runtime });
    const alone = await encode({});
    expect(await encode({ prompt2: '' })).toEqual(alone);
    expect(await encode({ prompt2: '', syntax: 'weights' })).toEqual(await encode({ syntax: 'weights' }));
    expect(await encode({ prompt2: 'a fox' })).not.toEqual(alone);
  });

  it('takes brackets as text unless told otherwise', async () => {
    const plain = await outputsOf(textEncoder, await example('tiny', { prompt: 'a (red) apple' }));
    expect(plain).not.toEqual(await outputsOf(textEncoder, await example('tiny', { prompt: 'a red apple' })));
    const escaped = { prompt: 'a \\(red\\) apple', syntax: 'weights' };
    expect(await outputsOf(textEncoder, await example('tiny', escaped))).toEqual(plain);
  });

  it('refuses weights that leave the numbers', async () => {
    const { outcome } = await runExample(textEncoder, await example('tiny', { prompt: `${'('.repeat(10_000)}a`, syntax: 'weights' }));
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'node.invalidInput', socket: 'prompt' } });
  });
});
