import type { ParamKind } from '../params.ts';
import type { SocketKind } from '../socket-values.ts';
import type { SocketType } from './socket-type.ts';
import { number, STRUCTS, type StructName, struct, text } from './socket-type.ts';

function isStructName(kind: string): kind is StructName {
  return Object.hasOwn(STRUCTS, kind);
}

/** The most general type of a kind of socket. */
export function typeFromKind(kind: SocketKind): SocketType {
  if (isStructName(kind)) return struct(kind);
  switch (kind) {
    case 'number':
      return number();
    case 'text':
      return text();
    case 'boolean':
      return { kind: 'boolean' };
    case 'seed':
      return { kind: 'seed' };
    case 'any':
      return { kind: 'any' };
    default:
      return kind satisfies never;
  }
}

/** The kind of socket a parameter becomes when a wire is pulled into it. */
export function socketKindOfParam(kind: ParamKind): SocketKind {
  switch (kind) {
    case 'int':
    case 'number':
      return 'number';
    case 'text':
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
