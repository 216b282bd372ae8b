import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf } from '../../test/contracts/run-example.ts';
import { textValue } from './text-value.ts';

nodeContract(textValue, { instant: true, examples: { nothing: () => ({}), words: () => ({ params: { value: 'a red apple' } }) } });

it('gives the text as it is written', async () => {
  expect(await outputsOf(textValue, { params: { value: '  two\nlines \u{1f34e}' } })).toEqual({ value: '  two\nlines \u{1f34e}' });
});
