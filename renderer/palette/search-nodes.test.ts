import { expect, test } from 'vitest';
import { describeNode } from '../../host/describe-node.ts';
import { exampleNodes } from '../../test/example-nodes.ts';
import { createNodeSearch } from './search-nodes.ts';

const search = createNodeSearch(exampleNodes.map(describeNode));
const first = (query: string): string | undefined => search.find(query)[0]?.title;

test('nodes are found by the beginning, by a slip of the finger, by initials and by their id', () => {
  expect(first('samp')).toBe('Sampler');
  expect(first('smpler')).toBe('Sampler');
  expect(first('lc')).toBe('Load Checkpoint');
  expect(first('encodeText')).toBe('Encode Text');
});

test('nothing asked gives everything in its order', () => {
  expect(search.find('  ')).toHaveLength(exampleNodes.length);
});
