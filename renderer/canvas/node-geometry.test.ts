import { expect, test } from 'vitest';
import { emptyDocument, type GraphDocument, nodeId } from '../../graphs/document.ts';
import { exampleRegistry } from '../../test/example-nodes.ts';
import { createFaceBook, type NodeFace } from './node-face.ts';
import { HEADER_HEIGHT, measureNode, NODE_WIDTH, TEXT_ROW_HEIGHT } from './node-geometry.ts';

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
  const { sockets, rows, width, height } = measureNode(faceOf('example.sampler'), { collapsed: false, hasPicture: false });
  expect(sockets.filter(({ side }) => side === 'output').map(({ x }) => x)).toEqual([width]);
  expect(sockets.filter(({ side }) => side === 'input')).toHaveLength(4 + 5);
  expect(rows.every(({ top, height: row }) => top >= HEADER_HEIGHT && top + row <= height)).toBe(true);
});

test('a folded node keeps its sockets, all in its title bar', () => {
  const shape = measureNode(faceOf('example.sampler'), { collapsed: true, hasPicture: true });
  expect(shape.height).toBe(HEADER_HEIGHT);
  expect(new Set(shape.sockets.map(({ y }) => y))).toEqual(new Set([HEADER_HEIGHT / 2]));
});

test('the first long text has room to write', () => {
  const { rows } = measureNode(faceOf('example.encodeText'), { collapsed: false, hasPicture: false });
  expect(rows.find(({ name }) => name === 'prompt')?.height).toBe(TEXT_ROW_HEIGHT);
});

test('a node that shows pictures has room for one before there is any; others get it with the first', () => {
  expect(measureNode(faceOf('example.preview'), { collapsed: false, hasPicture: false }).pictureTop).toBeDefined();
  expect(measureNode(faceOf('example.sampler'), { collapsed: false, hasPicture: false }).pictureTop).toBeUndefined();
  expect(measureNode(faceOf('example.sampler'), { collapsed: false, hasPicture: true }).pictureTop).toBeDefined();
});

test('a node that passes anything on is a dot', () => {
  expect(measureNode(faceOf('example.anything'), { collapsed: false, hasPicture: false }).width).toBeLessThan(NODE_WIDTH / 4);
});

test('an unknown node has the sockets that its wires use', () => {
  const face = faceOf('gone.node');
  expect(face.isUnknown).toBe(true);
  expect([Object.keys(face.inputs), Object.keys(face.outputs)]).toEqual([['other'], ['thing']]);
});
