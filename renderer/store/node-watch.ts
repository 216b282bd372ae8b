import type { NodeId } from '../../graphs/document.ts';

/** Lets those who draw a node know when something about it may have changed: what happens to one concerns few others. */
export interface NodeWatch {
  watch(node: NodeId, listener: () => void): () => void;
}

/** A watch, and how those who look at some nodes, or at any, are woken. */
export function createNodeWatch(): NodeWatch & { wake(nodes: 'all' | Iterable<string>): void } {
  const listeners = new Map<string, Set<() => void>>();
  return {
    watch(node, listener) {
      const those = listeners.get(node) ?? new Set();
      listeners.set(node, those.add(listener));
      return () => {
        those.delete(listener);
        if (those.size === 0) listeners.delete(node);
      };
    },
    wake(nodes) {
      for (const node of nodes === 'all' ? [...listeners.keys()] : nodes) for (const listener of listeners.get(node) ?? []) listener();
    },
  };
}
