import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { type Tensor, zeros } from '../tensor.ts';
import { showTokens } from './show-tokens.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

nodeContract(showTokens, {
  examples: {
    'a few words': async () => ({ inputs: { conditioning: await models.encode('emoji', 'a red skateboarder, 50%') } }),
    'no word': async () => ({ inputs: { conditioning: await models.encode('emoji', '') } }),
  },
});

it('names the tokens of the text, with the pieces of words', async () => {
  const { tokens, count, image } = await outputsOf(showTokens, {
    inputs: { conditioning: await models.encode('emoji', 'a skateboarder') },
  });
  // [CLS] 101, [SEP] 102; ids as transformers' BertTokenizer gives them.
  expect(tokens).toEqual(['1037 a', '17260 skateboarder', '6277 · skateboarder', '2121 · skateboarder']);
  expect(count).toBe(6);
  // One row each, and one for the padding.
  expect((image as Tensor).shape).toEqual([1, 3, 7 * 14, 582]);
});

it('says that it does not know the tokens of numbers', async () => {
  const conditioning = { kind: 'conditioning', family: 'sd1', states: zeros([1, 77, 768]) };
  const { outcome } = await runExample(showTokens, { inputs: { conditioning } });
  expect(outcome).toMatchObject({ ok: false, problem: { socket: 'conditioning', message: /Wire it to a Text Encoder/ } });
});
