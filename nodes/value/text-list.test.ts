import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { textList } from './text-list.ts';

nodeContract(textList, {
  examples: {
    'two lines': () => ({ params: {} }),
    'one line, twice in a pattern': () => ({ params: { pattern: '{} and {}', lines: 'a cat' } }),
  },
  instant: true,
});

it('puts each line into the pattern, whatever it holds', async () => {
  const { texts } = await outputsOf(textList, { params: { pattern: 'a {} drawing of $& {}', lines: 'flat\r\n\n  3d $1 \n' } });
  expect(texts).toEqual(['a flat drawing of $& flat', 'a 3d $1 drawing of $& 3d $1']);
});

it('asks for a line', async () => {
  const { outcome } = await runExample(textList, { params: { lines: ' \n' } });
  expect(outcome).toMatchObject({ ok: false, problem: { message: 'Text List has no lines. Write at least one.' } });
});
