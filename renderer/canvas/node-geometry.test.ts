import { expect, test } from 'vitest';
import { emptyDocument, type GraphDocument, nodeId } from '../../graphs/document.ts';
import { exampleRegistry } from '../../test/example-nodes.ts';
import { createFaceBook, type NodeFace } from './node-face.ts';
import { FOLD_ROW_HEIGHT, HEADER_HEIGHT, measureNode, NODE_WIDTH, PARAM_ROW_HEIGHT, TEXT_ROW_HEIGHT } from './node-geometry.ts';

const bare = { collapsed: false, hasPicture: false, folded: [], isUnfolded: false };
const faces = createFaceBook(exampleRegistry);
const faceOf = (type: string, version = 1): NodeFace => {
  const node = { type, version, params: {} };
  const document = {
    ...emptyDocument(),
    nodes: { one: node },
    edges: { e: { from: { node: 'one', output: 'thing' }, to: { node: 'one', input: 'other' } } },
  } as unknown as GraphDocument;
  return faces.faceOf(document, nodeId('one'), node);
};

test('every input, output and parameter has a socket at its row', () => {
  const { sockets, rows, width, height } = measureNode(faceOf('example.sampler'), bare);
  expect(sockets.filter(({ side }) => side === 'output').map(({ x }) => x)).toEqual([width]);
  expect(sockets.filter(({ side }) => side === 'input')).toHaveLength(4 + 5);
  expect(rows.every(({ top, height: row }) => top >= HEADER_HEIGHT && top + row <= height)).toBe(true);
});

test('a folded node keeps its sockets, all in its title bar', () => {
  const shape = measureNode(faceOf('example.sampler'), { ...bare, collapsed: true, hasPicture: true });
  expect(shape.height).toBe(HEADER_HEIGHT);
  expect(new Set(shape.sockets.map(({ y }) => y))).toEqual(new Set([HEADER_HEIGHT / 2]));
});

test('the first long text has room to write', () => {
  const { rows } = measureNode(faceOf('example.encodeText'), bare);
  expect(rows.find(({ name }) => name === 'prompt')?.height).toBe(TEXT_ROW_HEIGHT);
});

test('a node that shows pictures has room for one before there is any; others get it with the first', () => {
  expect(measureNode(faceOf('example.preview'), bare).pictureTop).toBeDefined();
  expect(measureNode(faceOf('example.sampler'), bare).pictureTop).toBeUndefined();
  expect(measureNode(faceOf('example.sampler'), { ...bare, hasPicture: true }).pictureTop).toBeDefined();
});

test('a node that passes anything on is a dot', () => {
  expect(measureNode(faceOf('example.anything'), bare).width).toBeLessThan(NODE_WIDTH / 4);
});

test('an unknown node has the sockets that its wires use', () => {
  const face = faceOf('gone.node');
  expect(face.isUnknown).toBe(true);
  expect([Object.keys(face.inputs), Object.keys(face.outputs)]).toEqual([['other'], ['thing']]);
});

test('what is folded away leaves one row, and comes back above it', () => {
  const face = faceOf('example.sampler');
  const [all, folded, unfolded] = [
    bare,
    { ...bare, folded: ['start', 'steps'] },
    { ...bare, folded: ['start', 'steps'], isUnfolded: true },
  ].map((shape) => measureNode(face, shape));
  expect(folded?.rows.map(({ name }) => name)).toEqual(
    all?.rows.map(({ name }) => name).filter((name) => name !== 'start' && name !== 'steps'),
  );
  expect(folded?.height).toBe((all?.height ?? 0) - 2 * PARAM_ROW_HEIGHT + FOLD_ROW_HEIGHT);
  expect(folded?.sockets.map(({ name }) => name)).not.toContain('steps');
  expect(unfolded?.rows).toEqual(all?.rows);
  expect(unfolded?.height).toBe((all?.height ?? 0) + FOLD_ROW_HEIGHT);
  expect([all?.fold, folded?.fold?.count, unfolded?.fold?.count]).toEqual([undefined, 2, 2]);
});
