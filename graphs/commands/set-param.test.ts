import { expect, it } from 'vitest';
import { commandContract, sentenceOf } from '../../test/contracts/command-contract.ts';
import { textToImage } from '../../test/example-graphs.ts';
import { exampleRegistry as registry } from '../../test/example-nodes.ts';
import { unwrap } from '../../test/unwrap.ts';
import { nodeId } from '../document.ts';
import { commit, startEditing } from '../history.ts';
import { resetParam, setParam } from './set-param.ts';

const document = () => textToImage().node('strange', 'nothing').document();
const sampler = nodeId('sampler');
const set = (param: string, value: unknown, node = sampler) =>
  commit(startEditing(document()), 'Set', (draft) => setParam(draft, { registry, node, param, value }));

commandContract('set-param', {
  registry,
  document: () => textToImage().document(),
  command: (draft) => setParam(draft, { registry, node: sampler, param: 'scheduler', value: { _class_name: 'X', betas: [1, 2] } }),
});
commandContract('reset-param', {
  registry,
  document: () => textToImage().document(),
  command: (draft) => resetParam(draft, { registry, node: sampler, param: 'seed' }),
});

it('says in one patch what it changed', () => {
  const { entry } = unwrap(set('steps', 30));
  expect(entry).toMatchObject({
    patches: [{ op: 'replace', path: ['nodes', 'sampler', 'params', 'steps'], value: 30 }],
    inverse: [{ op: 'replace', path: ['nodes', 'sampler', 'params', 'steps'], value: 20 }],
  });
});

it('refuses what the definition does not allow, and what is not JSON', () => {
  expect(sentenceOf(set('steps', 2.5))).toBe('Sampler “sampler”: Steps must be a whole number from 1 to 1000, and is 2.5.');
  expect(sentenceOf(set('steps', Number.NaN))).toBe('Sampler “sampler”: Steps must be a whole number from 1 to 1000, and is NaN.');
  expect(sentenceOf(set('scheduler', { a: [() => 1] }))).toBe(
    'Sampler “sampler”: Scheduler must be plain JSON, and holds a function, which JSON has no place for.',
  );
  expect(sentenceOf(set('scheduler', JSON.parse('{"a": {"constructor": 1}}')))).toContain('holds the key constructor, which is reserved');
  expect(sentenceOf(set('stepz', 1))).toBe('Sampler “sampler” has no parameter “stepz”. Did you mean steps?');
  expect(sentenceOf(set('toString', 1))).toContain('has no parameter “toString”');
  expect(sentenceOf(set('x', 1, nodeId('strange')))).toBe(
    "example.nothing “strange” is of a type this Emulsion does not have, “example.nothing”, so it can't be changed here.",
  );
  expect(sentenceOf(set('x', 1, nodeId('gone')))).toBe('The graph has no node “gone”.');
});
