import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../graphs/templates.ts';
import { registry } from '../../nodes/registry.ts';
import { drawnBoxes, overlapsOf } from '../../test/drawn-boxes.ts';
import { unwrap } from '../../test/unwrap.ts';

const folder = new URL('../../graphs/templates/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe.each(files)('the template %s', (file) => {
  it('has no node that lies on another', () => {
    const { document } = unwrap(parseTemplate(file, JSON.parse(readFileSync(new URL(file, folder), 'utf8')), registry));
    expect(overlapsOf(drawnBoxes(document, () => false))).toEqual([]);
  });
});
