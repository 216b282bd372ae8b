import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeEntries } from '../../graphs/document.ts';
import { foldedParams } from '../../graphs/folded-params.ts';
import { parseTemplate } from '../../graphs/templates.ts';
import { registry } from '../../nodes/registry.ts';
import { unwrap } from '../../test/unwrap.ts';
import { createFaceBook } from './node-face.ts';
import { measureNode } from './node-geometry.ts';
import { wiredInputs } from './wired-inputs.ts';

const folder = new URL('../../graphs/templates/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe.each(files)('the template %s', (file) => {
  it('has no node that lies on another', () => {
    const { document } = unwrap(parseTemplate(file, JSON.parse(readFileSync(new URL(file, folder), 'utf8')), registry));
    const faces = createFaceBook(registry);
    const boxes = nodeEntries(document).map(([id, node]) => {
      const face = faces.faceOf(document, id, node);
      const folded = foldedParams(face, node, (param) => wiredInputs(document.edges).get(id)?.has(param) === true);
      const { width, height } = measureNode(face, { collapsed: false, hasPicture: false, folded, isUnfolded: false });
      const { x, y } = document.layout?.positions?.[id] ?? { x: 0, y: 0 };
      return { id, left: x, top: y, right: x + width, bottom: y + height };
    });
    const overlaps = boxes.flatMap((one, index) =>
      boxes
        .slice(index + 1)
        .filter((other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom)
        .map((other) => `${one.id} and ${other.id}`),
    );
    expect(overlaps).toEqual([]);
  });
});
