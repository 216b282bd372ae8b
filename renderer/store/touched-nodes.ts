import type { EditState } from '../../graphs/history.ts';
import type { CallResult } from '../../host/contract.ts';
import { changedKeys } from './changed-keys.ts';
import { nodeOfStep } from './param-step.ts';

/** The nodes that an edit may have changed: themselves, how they are folded, their wires, the step that is being gathered; not their places. */
export function nodesTouchedByEdit(before: EditState, now: EditState): 'all' | ReadonlySet<string> {
  const [old, fresh] = [before.document, now.document];
  if (old.edges !== fresh.edges) return 'all';
  // A parameter shows while its edit is gathered.
  const steps = before.mergeKey === now.mergeKey ? [] : [before.mergeKey, now.mergeKey];
  return new Set<string>([
    ...steps.map((step) => nodeOfStep(step) ?? ''),
    ...changedKeys(old.nodes, fresh.nodes).keys,
    ...changedKeys(old.layout?.collapsed, fresh.layout?.collapsed).keys,
    ...changedKeys(old.layout?.unfolded, fresh.layout?.unfolded).keys,
  ]);
}

/** The nodes of which an answer says something new. */
export function nodesTouchedByAnswer(changes: CallResult<'graph.inferChanges'>): 'all' | ReadonlySet<string> {
  if (changes.since === null || changes.problems !== null) return 'all';
  const { outputs, inputs, keys, cached, muted } = changes;
  return new Set([outputs, inputs, keys, cached, muted].flatMap(Object.keys));
}
