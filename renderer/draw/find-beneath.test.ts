import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { NodeId } from '../../graphs/document.ts';
import { parseTemplate } from '../../graphs/templates.ts';
import { registry } from '../../nodes/registry.ts';
import { unwrap } from '../../test/unwrap.ts';
import { findBeneath, readsMask } from './find-beneath.ts';

const open = (name: string) => {
  const text = readFileSync(new URL(`../../graphs/templates/${name}.json`, import.meta.url), 'utf8');
  return unwrap(parseTemplate(name, JSON.parse(text), registry)).document;
};
const mask = 'mask' as NodeId; // the templates call it so

it('tells files of masks from files of pictures by what their nodes give', () => {
  expect([readsMask(registry, 'mask.load'), readsMask(registry, 'image.load'), readsMask(registry, 'unknown')]).toEqual([
    true,
    false,
    false,
  ]);
});

it.each(['inpaint', 'inpaint-detail'])('finds the picture that the mask of %s is laid over', (name) => {
  expect(findBeneath(open(name), registry, mask)).toBe('pictures/house.png');
});

it('finds none where the mask is not used, or the picture comes from no file', () => {
  const inpaint = open('inpaint');
  expect(findBeneath({ ...inpaint, edges: {} }, registry, mask)).toBeUndefined();
  const { image: _, ...rest } = inpaint.nodes as Record<string, (typeof inpaint.nodes)[NodeId]>; // a name of the template
  expect(findBeneath({ ...inpaint, nodes: rest as typeof inpaint.nodes }, registry, mask)).toBeUndefined();
});
