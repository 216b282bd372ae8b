import type { StoreApi } from 'zustand/vanilla';
import type { NodeId } from '../../graphs/document.ts';
import type { EditState } from '../../graphs/history.ts';
import { changedKeys } from './changed-keys.ts';
import { nodeOfStep } from './param-step.ts';

/** Wakes those who draw a node when something about it may have changed, and nobody else: a key typed in one concerns no other. */
export interface NodeWatch {
  /** Told when the node, how it is folded, any wire, or which step is being gathered has changed; not where it stands. */
  watch(node: NodeId, listener: () => void): () => void;
}

/** A watch over a store with a document in it. */
export function createNodeWatch(state: StoreApi<{ readonly edit: EditState }>): NodeWatch {
  const listeners = new Map<string, Set<() => void>>();
  const wake = (node: string): void => {
    for (const listener of listeners.get(node) ?? []) listener();
  };
  state.subscribe(({ edit: now }, { edit: before }) => {
    const touched = touchedNodes(before, now);
    for (const node of touched === 'all' ? [...listeners.keys()] : touched) wake(node);
  });
  return {
    watch(node, listener) {
      const those = listeners.get(node) ?? new Set();
      listeners.set(node, those.add(listener));
      return () => {
        those.delete(listener);
        if (those.size === 0) listeners.delete(node);
      };
    },
  };
}

function touchedNodes(before: EditState, now: EditState): 'all' | ReadonlySet<string> {
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
