import { expect, it } from 'vitest';
import { sentenceOf } from '../test/contracts/command-contract.ts';
import { textToImage } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { unwrap } from '../test/unwrap.ts';
import { parseTemplate } from './templates.ts';

it('reads a template like any graph, with its title and description', () => {
  const json = { ...textToImage().document(), meta: { title: 'Text to image', description: 'A picture from words.' } };
  expect(unwrap(parseTemplate('text-to-image', json, exampleRegistry))).toEqual({
    name: 'text-to-image',
    title: 'Text to image',
    description: 'A picture from words.',
    document: json,
    problems: [],
  });
});

it('refuses what is no graph, or does not say what it is', () => {
  expect(sentenceOf(parseTemplate('x', undefined, exampleRegistry))).toBe('The file is empty; a graph file holds JSON.');
  expect(sentenceOf(parseTemplate('x', { format: 'other' }, exampleRegistry))).toContain('This is not an Emulsion graph');
  expect(sentenceOf(parseTemplate('x', textToImage().document(), exampleRegistry))).toBe(
    'The template “x” must say "title" and "description" as text in its "meta".',
  );
});
