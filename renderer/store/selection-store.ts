import { createStore, type StoreApi } from 'zustand/vanilla';
import type { EdgeId, GraphDocument, NodeId } from '../../graphs/document.ts';

/** What is selected. Never part of the document or its history. */
export interface Selection {
  readonly nodes: ReadonlySet<NodeId>;
  readonly edges: ReadonlySet<EdgeId>;
  readonly frames: ReadonlySet<string>;
  readonly notes: ReadonlySet<string>;
}

/** A selection of nothing. */
export const NOTHING_SELECTED: Selection = { nodes: new Set(), edges: new Set(), frames: new Set(), notes: new Set() };

/** Holds the selection. */
export interface SelectionStore {
  readonly state: StoreApi<Selection>;
  /** What is left out becomes unselected. */
  select(selection: Partial<{ [K in keyof Selection]: Iterable<Selection[K] extends ReadonlySet<infer I> ? I : never> }>): void;
  /** Drops what the document no longer has. */
  prune(document: GraphDocument): void;
}

/** A store with nothing selected. */
export function createSelectionStore(): SelectionStore {
  const state = createStore<Selection>(() => NOTHING_SELECTED);
  return {
    state,
    select({ nodes = [], edges = [], frames = [], notes = [] }) {
      state.setState({ nodes: new Set(nodes), edges: new Set(edges), frames: new Set(frames), notes: new Set(notes) });
    },
    prune(document) {
      const before = state.getState();
      const layout = document.layout ?? {};
      const after: Selection = {
        nodes: keep(before.nodes, document.nodes),
        edges: keep(before.edges, document.edges),
        frames: keep(before.frames, layout.frames ?? {}),
        notes: keep(before.notes, layout.notes ?? {}),
      };
      if (after.nodes !== before.nodes || after.edges !== before.edges || after.frames !== before.frames || after.notes !== before.notes) {
        state.setState(after);
      }
    },
  };
}

/** The very same set when all of it is still there. */
function keep<T extends string>(chosen: ReadonlySet<T>, there: Readonly<Record<string, unknown>>): ReadonlySet<T> {
  for (const id of chosen) {
    if (!Object.hasOwn(there, id)) return new Set([...chosen].filter((one) => Object.hasOwn(there, one)));
  }
  return chosen;
}
