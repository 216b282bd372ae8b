import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { GraphDraft } from '../document.ts';
import { readDraft } from './draft-access.ts';
import { findParam, type ParamPlace } from './set-param.ts';

/** Keeps a seed as it is, or lets windows give it a new value before each run. */
export function setSeedLock(draft: GraphDraft, args: ParamPlace & { readonly locked: boolean }): Result<null> {
  const found = findParam(readDraft(draft), args);
  if (!found.ok) return found;
  const { spec, name } = found.value;
  if (spec.kind !== 'seed') {
    const sentence = `${name}: ${spec.title} is no seed, so there is nothing to throw. Lock seeds only.`;
    return fail('graph.commandRefused', sentence, { nodeId: args.node, socket: args.param });
  }
  const node = draft.nodes[args.node];
  if (node === undefined) return ok(null);
  const isLocked = node.unlocked === undefined || !Object.hasOwn(node.unlocked, args.param);
  if (isLocked === args.locked) return ok(null);
  if (!args.locked) {
    node.unlocked ??= {};
    node.unlocked[args.param] = true;
  } else if (node.unlocked !== undefined) {
    delete node.unlocked[args.param];
    if (Object.keys(node.unlocked).length === 0) delete node.unlocked;
  }
  return ok(null);
}
