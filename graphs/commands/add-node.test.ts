import { expect, it } from 'vitest';
import { commandContract, sentenceOf } from '../../test/contracts/command-contract.ts';
import { textToImage } from '../../test/example-graphs.ts';
import { exampleRegistry as registry } from '../../test/example-nodes.ts';
import { unwrap } from '../../test/unwrap.ts';
import { findNode } from '../document.ts';
import { commit, startEditing } from '../history.ts';
import { createIdSource } from '../id-source.ts';
import { addNode } from './add-node.ts';

const document = () => textToImage().document();
const add = (args: Omit<Parameters<typeof addNode>[1], 'registry' | 'ids'>) =>
  commit(startEditing(document()), 'Add', (draft) => addNode(draft, { registry, ids: createIdSource(), ...args }));

commandContract('add-node', {
  registry,
  document,
  command: (draft) => addNode(draft, { registry, ids: createIdSource(), type: 'example.blur', position: { x: 3, y: 4 }, title: 'Soft' }),
});

it('writes every default out and finds a readable id', () => {
  const { state, value } = unwrap(add({ type: 'example.sampler', params: { steps: 5 } }));
  expect(value).toBe('sampler2');
  expect(findNode(state.document, 'sampler2')).toEqual({
    type: 'example.sampler',
    version: 1,
    params: { seed: '0', steps: 5, guidance: 7.5, scheduler: 'auto', start: null },
  });
});

it('refuses types, parameters, values and places there are not', () => {
  expect(sentenceOf(add({ type: 'example.smapler' }))).toBe('There is no node type “example.smapler”. Did you mean example.sampler?');
  expect(sentenceOf(add({ type: 'example.blur', params: { radus: 1 } }))).toBe('Blur has no parameter “radus”. Did you mean radius?');
  expect(sentenceOf(add({ type: 'example.blur', params: { radius: -1 } }))).toBe(
    'Blur: Radius must be a number from 0 to 100 px, and is -1.',
  );
  expect(sentenceOf(add({ type: 'example.blur', position: { x: Number.NaN, y: 0 } }))).toBe(
    'A place on the canvas is two numbers, and this one is NaN, 0.',
  );
});
