import type { ParamSpec } from '../../nodes/params.ts';
import type { NodeFace } from './node-face.ts';

/*
 * Where everything in a node is, known from its schema alone: nodes off the screen are never mounted, and their wires still end in
 * the right places. styles/node.css draws to the very same numbers (they are handed to it as row heights).
 */
export const NODE_WIDTH = 248;
export const HEADER_HEIGHT = 32;
export const SOCKET_ROW_HEIGHT = 24;
export const PARAM_ROW_HEIGHT = 30;
export const TEXT_ROW_HEIGHT = 92;
export const FOLD_ROW_HEIGHT = 24;
export const PICTURE_HEIGHT = 248;
export const BODY_PADDING = 6;
export const DOT_SIZE = 22;

/** One row of a node's body. */
export interface NodeRow {
  readonly kind: 'output' | 'input' | 'param';
  readonly name: string;
  readonly top: number;
  readonly height: number;
}

/** Where a wire may end, from the node's corner. */
export interface SocketPlace {
  readonly side: 'input' | 'output';
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** The row that unfolds a node's parameters and folds them again. */
export interface FoldRow {
  readonly isUnfolded: boolean;
  /** How many parameters it shows and hides. */
  readonly count: number;
  readonly height: number;
}

/** A node's shape. */
export interface NodeGeometry {
  readonly width: number;
  readonly height: number;
  readonly rows: readonly NodeRow[];
  readonly sockets: readonly SocketPlace[];
  /** Undefined: there is nothing to fold. */
  readonly fold: FoldRow | undefined;
  /** Undefined: no picture. */
  readonly pictureTop: number | undefined;
}

/** What decides on a node's shape beside its face. */
export interface NodeShape {
  readonly collapsed: boolean;
  readonly hasPicture: boolean;
  /** Parameters that are left out unless the node is unfolded. */
  readonly folded: readonly string[];
  readonly isUnfolded: boolean;
}

/** The shape of a node. */
export function measureNode(face: NodeFace, { collapsed, hasPicture, folded, isUnfolded }: NodeShape): NodeGeometry {
  if (face.isDot) return measureDot(face);
  const rows: NodeRow[] = [];
  let top = HEADER_HEIGHT + BODY_PADDING;
  const add = (kind: NodeRow['kind'], name: string, height: number): void => {
    rows.push({ kind, name, top, height });
    top += height;
  };
  for (const name of Object.keys(face.outputs)) add('output', name, SOCKET_ROW_HEIGHT);
  for (const name of Object.keys(face.inputs)) add('input', name, SOCKET_ROW_HEIGHT);
  const params = Object.entries(face.params).filter(
    ([name]) => !Object.hasOwn(face.inputs, name) && (isUnfolded || !folded.includes(name)),
  );
  // The first long text has room to be written in; others have a line here, and the inspector.
  const tall = params.find(([, spec]) => isLongText(spec))?.[0];
  for (const [name] of params) add('param', name, name === tall ? TEXT_ROW_HEIGHT : PARAM_ROW_HEIGHT);
  if (collapsed) {
    const y = HEADER_HEIGHT / 2;
    const sockets = rows.map(({ kind, name }) => place(kind, name, NODE_WIDTH, y));
    return { width: NODE_WIDTH, height: HEADER_HEIGHT, rows: [], sockets, fold: undefined, pictureTop: undefined };
  }
  const fold = folded.length === 0 ? undefined : { isUnfolded, count: folded.length, height: FOLD_ROW_HEIGHT };
  top += fold?.height ?? 0;
  const sockets = rows.map((row) => place(row.kind, row.name, NODE_WIDTH, row.top + socketOffset(row)));
  const pictureTop = hasPicture || face.showsPicture ? top + BODY_PADDING : undefined;
  const height = (pictureTop === undefined ? top : pictureTop + PICTURE_HEIGHT) + (pictureTop === undefined ? BODY_PADDING : 0);
  return { width: NODE_WIDTH, height, rows, sockets, fold, pictureTop };
}

function measureDot(face: NodeFace): NodeGeometry {
  const y = DOT_SIZE / 2;
  const sockets = [
    ...Object.keys(face.inputs).map((name) => place('input', name, DOT_SIZE, y)),
    ...Object.keys(face.outputs).map((name) => place('output', name, DOT_SIZE, y)),
  ];
  return { width: DOT_SIZE, height: DOT_SIZE, rows: [], sockets, fold: undefined, pictureTop: undefined };
}

function place(kind: NodeRow['kind'], name: string, width: number, y: number): SocketPlace {
  return kind === 'output' ? { side: 'output', name, x: width, y } : { side: 'input', name, x: 0, y };
}

function isLongText(spec: ParamSpec): boolean {
  return spec.kind === 'text' && spec.multiline === true;
}

/** Sockets of tall rows stand beside their title. */
function socketOffset(row: NodeRow): number {
  return row.height > PARAM_ROW_HEIGHT ? PARAM_ROW_HEIGHT / 2 : row.height / 2;
}
