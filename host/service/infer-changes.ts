import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../../nodes/problem.ts';
import type { SocketType } from '../../nodes/types/socket-type.ts';
import type { InferredGraph } from './infer-graph.ts';

/** What differs between two answers about a graph. By node; null: it has none any more. */
export interface InferenceChanges {
  readonly outputs: Record<string, Record<string, SocketType> | null>;
  readonly inputs: Record<string, Record<string, SocketType> | null>;
  readonly keys: Record<string, string | null>;
  readonly cached: Record<string, boolean>;
  readonly muted: Record<string, string | null>;
  /** All of them; null: they are as they were. */
  readonly problems: Problem[] | null;
}

/** Changes with the name of the answer they lead to and of the one they begin at; null: nothing known. */
export interface NamedChanges extends InferenceChanges {
  readonly answer: string;
  readonly since: string | null;
}

/** Remembers the latest answers, so that whoever has one of them is told only what is different now. */
export interface AnswerKeeper {
  /** Keeps an answer and says what has changed since the one named; all of it where that one is not known any more. */
  keep(inferred: InferredGraph, since: string | null): NamedChanges;
}

/** A keeper of so many answers. */
export function createAnswerKeeper(most: number): AnswerKeeper {
  const kept = new Map<string, InferredGraph>();
  return {
    keep(inferred, since) {
      const before = since === null ? undefined : kept.get(since);
      // Whoever names an answer has let go of the ones before, and of this one as soon as the next arrives.
      if (before !== undefined && since !== null) kept.delete(since);
      const answer = randomUUID();
      kept.set(answer, inferred);
      for (const oldest of kept.keys()) {
        if (kept.size <= most) break;
        kept.delete(oldest);
      }
      return { answer, since: before === undefined ? null : since, ...findChanges(before ?? NOTHING, inferred) };
    },
  };
}

const NOTHING: InferredGraph = { outputs: {}, inputs: {}, keys: {}, cached: [], muted: {}, problems: [] };

/** What has to be done to one answer to get the other. */
export function findChanges(before: InferredGraph, after: InferredGraph): InferenceChanges {
  return {
    outputs: compare(before.outputs, after.outputs),
    inputs: compare(before.inputs, after.inputs),
    keys: compare(before.keys, after.keys),
    cached: compareMembers(new Set(before.cached), new Set(after.cached)),
    muted: compare(before.muted, after.muted),
    problems: isDeepStrictEqual(before.problems, after.problems) ? null : [...after.problems],
  };
}

function compare<V>(before: Readonly<Record<string, V>>, after: Readonly<Record<string, V>>): Record<string, V | null> {
  const changes = new Map<string, V | null>();
  for (const [id, value] of Object.entries(after)) {
    if (!Object.hasOwn(before, id) || !isDeepStrictEqual(before[id], value)) changes.set(id, value);
  }
  for (const id of Object.keys(before)) if (!Object.hasOwn(after, id)) changes.set(id, null);
  return Object.fromEntries(changes);
}

function compareMembers(before: ReadonlySet<string>, after: ReadonlySet<string>): Record<string, boolean> {
  const come = [...after].filter((id) => !before.has(id)).map((id) => [id, true] as const);
  const gone = [...before].filter((id) => !after.has(id)).map((id) => [id, false] as const);
  return Object.fromEntries([...come, ...gone]);
}
