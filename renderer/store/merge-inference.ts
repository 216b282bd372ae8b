import { appendTo } from '../../graphs/append-to.ts';
import type { CallResult } from '../../host/contract.ts';
import type { Problem } from '../../nodes/problem.ts';
import type { SocketType } from '../../nodes/types/socket-type.ts';

type Types = Readonly<Record<string, Readonly<Record<string, SocketType>>>>;

/** What the host last said about the document's types. */
export interface Inference {
  /** By node and output. */
  readonly outputs: Types;
  /** By node and wired input. */
  readonly inputs: Types;
  /** By node; equal keys mean equal results. Every key that is typed changes some, and a large map is copied faster than a record. */
  readonly keys: ReadonlyMap<string, string>;
  readonly cached: ReadonlySet<string>;
  /** By node: the muted node because of which it does not run; a muted one names itself. */
  readonly muted: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
  readonly problemsByNode: ReadonlyMap<string, readonly Problem[]>;
}

/** Before the host has said anything. */
export const NOTHING_INFERRED: Inference = {
  outputs: {},
  inputs: {},
  keys: new Map(),
  cached: new Set(),
  muted: {},
  problems: [],
  problemsByNode: new Map(),
};

/** What is known once the host's changes are taken in. What has not changed stays the same object; nothing changed: all of it does. */
export function mergeInference(
  before: Inference,
  changes: Omit<CallResult<'graph.inferChanges'>, 'answer' | 'since' | 'sequence'>,
): Inference {
  const merged: Inference = {
    outputs: mergeRecord(before.outputs, changes.outputs),
    inputs: mergeRecord(before.inputs, changes.inputs),
    keys: mergeMap(before.keys, changes.keys),
    cached: mergeSet(before.cached, changes.cached),
    muted: mergeRecord(before.muted, changes.muted),
    problems: changes.problems ?? before.problems,
    problemsByNode: changes.problems === null ? before.problemsByNode : groupByNode(changes.problems),
  };
  const isSame = (Object.keys(merged) as (keyof Inference)[]).every((part) => merged[part] === before[part]); // made just above
  return isSame ? before : merged;
}

function mergeRecord<V>(before: Readonly<Record<string, V>>, changes: Readonly<Record<string, V | null>>): Readonly<Record<string, V>> {
  const changed = Object.entries(changes);
  if (changed.length === 0) return before;
  const after = { ...before };
  for (const [id, value] of changed) {
    if (value === null) delete after[id];
    else after[id] = value;
  }
  return after;
}

function mergeMap<V>(before: ReadonlyMap<string, V>, changes: Readonly<Record<string, V | null>>): ReadonlyMap<string, V> {
  const changed = Object.entries(changes);
  if (changed.length === 0) return before;
  const after = new Map(before);
  for (const [id, value] of changed) {
    if (value === null) after.delete(id);
    else after.set(id, value);
  }
  return after;
}

function mergeSet(before: ReadonlySet<string>, changes: Readonly<Record<string, boolean>>): ReadonlySet<string> {
  const changed = Object.entries(changes);
  if (changed.length === 0) return before;
  const after = new Set(before);
  for (const [id, isIn] of changed) {
    if (isIn) after.add(id);
    else after.delete(id);
  }
  return after;
}

function groupByNode(problems: readonly Problem[]): ReadonlyMap<string, readonly Problem[]> {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    if (problem.nodeId !== undefined) appendTo(groups, problem.nodeId, problem);
  }
  return groups;
}
