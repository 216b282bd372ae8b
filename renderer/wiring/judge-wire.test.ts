import { expect, test } from 'vitest';
import { emptyDocument, type GraphDocument, nodeId } from '../../graphs/document.ts';
import { startEditing } from '../../graphs/history.ts';
import { inferTypes } from '../../graphs/infer.ts';
import { exampleRegistry } from '../../test/example-nodes.ts';
import type { Inference } from '../store/merge-inference.ts';
import { findSources, firstFit, judgeWire } from './judge-wire.ts';

const node = (type: string, params = {}) => ({ type: `example.${type}`, version: type === 'crop' ? 3 : 1, params });
const document: GraphDocument = {
  ...emptyDocument(),
  nodes: { checkpoint: node('checkpoint'), sampler: node('sampler'), decode: node('decode'), number: node('number', { value: 5000 }) },
  edges: { e1: { from: { node: 'sampler', output: 'latent' }, to: { node: 'decode', input: 'latent' } } },
} as GraphDocument;

const nothing = { modelFacts: () => undefined, imageFacts: () => undefined, addOnFacts: () => undefined };
const inference: Inference = {
  outputs: Object.fromEntries(inferTypes(document, exampleRegistry, nothing).outputs),
  inputs: {},
  keys: new Map(),
  cached: new Set(),
  muted: {},
  problems: [],
  problemsByNode: new Map(),
};
const judge = (from: string, output: string, to: string, input: string) =>
  judgeWire(startEditing(document), exampleRegistry, inference, {
    from: { node: nodeId(from), output },
    to: { node: nodeId(to), input },
  });

test('a wire that fits is judged with the document it would make', () => {
  const judged = judge('checkpoint', 'model', 'sampler', 'model');
  expect(judged.ok && Object.keys(judged.value.edges)).toHaveLength(2);
});

test('kinds that do not fit and circles are refused with a sentence', () => {
  const wrong = judge('checkpoint', 'vae', 'sampler', 'latent');
  expect(!wrong.ok && wrong.problem.message).toMatch(/wants latent, and gets VAE/);
  const circle = judge('decode', 'image', 'sampler', 'latent');
  expect(circle.ok).toBe(false);
});

test('inferred values count, not only kinds', () => {
  const judged = judge('number', 'value', 'sampler', 'steps');
  expect(!judged.ok && judged.problem.message).toMatch(/Steps wants number 1…1000, and gets number 5000/);
});

test('a new node is wired to the first of its sockets that fits, in both directions', () => {
  const decode = exampleRegistry.get('example.decode');
  const sampler = exampleRegistry.get('example.sampler');
  if (decode === undefined || sampler === undefined) throw new Error('the example nodes are there');
  const fitOf = (end: { node: string; socket: string; side: 'input' | 'output' }, definition: typeof decode) =>
    firstFit(document, exampleRegistry, inference, { ...end, node: nodeId(end.node) }, definition);
  expect(fitOf({ node: 'checkpoint', socket: 'vae', side: 'output' }, decode)).toBe('vae');
  expect(fitOf({ node: 'decode', socket: 'latent', side: 'input' }, sampler)).toBe('latent');
  expect(fitOf({ node: 'checkpoint', socket: 'vae', side: 'output' }, sampler)).toBeUndefined();
});

test('what feeds a node is found through any number of wires', () => {
  expect([...findSources(document, nodeId('decode'))].sort()).toEqual(['decode', 'sampler']);
});
