import type { ParamKind } from '../params.ts';
import type { SocketKind } from '../socket-values.ts';
import type { SocketType } from './socket-type.ts';
import { number, STRUCTS, type StructName, struct, text } from './socket-type.ts';

/** Types hold nothing that changes, so one of each is enough: inference asks for several a node. */
const GENERAL = {
  number: number(),
  text: text(),
  boolean: { kind: 'boolean' },
  seed: { kind: 'seed' },
  any: { kind: 'any' },
  ...(Object.fromEntries(Object.keys(STRUCTS).map((name) => [name, struct(name as StructName)])) as Record<StructName, SocketType>), // its own keys
} as const satisfies Record<SocketKind, SocketType>;

/** The most general type of a kind of socket. */
export function typeFromKind(kind: SocketKind): SocketType {
  return GENERAL[kind];
}

/** The kind of socket a parameter becomes when a wire is pulled into it. */
export function socketKindOfParam(kind: ParamKind): SocketKind {
  switch (kind) {
    case 'int':
    case 'number':
      return 'number';
    case 'text':
    case 'color':
    case 'choice':
    case 'model':
    case 'file':
    case 'scheduler':
      return 'text';
    case 'boolean':
      return 'boolean';
    case 'seed':
      return 'seed';
    default:
      return kind satisfies never;
  }
}
