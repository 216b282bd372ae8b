import type { SocketKind } from '../nodes/socket-values.ts';

/** Kinds of values without a tensor in them; what `any` holds shows in the run. */
const TENSORLESS = [
  'text',
  'boolean',
  'seed',
  'model',
  'textEncoder',
  'vae',
  'controlNet',
  'ipAdapter',
] as const satisfies readonly SocketKind[];

type TensorlessKind = (typeof TENSORLESS)[number];

/** True for kinds of which no value can be dumped. */
export function isTensorless(kind: SocketKind): kind is TensorlessKind {
  return (TENSORLESS as readonly SocketKind[]).includes(kind); // wider only for being asked
}
