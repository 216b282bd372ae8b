import type { Patch } from 'immer';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { emptyDocument, type GraphDocument, type GraphDraft } from '../../graphs/document.ts';
import * as history from '../../graphs/history.ts';
import { createIdSource, type IdSource } from '../../graphs/id-source.ts';
import type { Result } from '../../nodes/problem.ts';
import { tellChangedKeys } from './changed-keys.ts';
import { createNodeWatch, type NodeWatch } from './node-watch.ts';
import { nodesTouchedByEdit } from './touched-nodes.ts';

/** The open document with its history. */
export interface DocumentState {
  readonly edit: history.EditState;
  /** What the window calls it; a file's name without its ending. */
  readonly name: string;
  /** As it was when it was last opened or saved. */
  readonly saved: GraphDocument;
  /** Counts up whenever another document is opened. */
  readonly session: number;
}

/** Holds the document. It changes through `commit`, `undo`, `redo` and gestures only. */
export interface DocumentStore {
  readonly state: StoreApi<DocumentState>;
  readonly ids: IdSource;
  document(): GraphDocument;
  commit<T>(label: string, command: (draft: GraphDraft) => Result<T>, mode?: history.CommitMode): Result<T>;
  undo(): Result<null>;
  redo(): Result<null>;
  /** From now until `squash`, commits become one entry; `bail` takes them back. */
  mark(): Result<null>;
  squash(label: string): Result<null>;
  bail(): Result<null>;
  /** Wakes those who look at one node: at itself, how it is folded and its wires, not at its place. */
  readonly nodes: NodeWatch;
  /** The next commit with a merge key begins a new entry. */
  stopMerging(): void;
  open(edit: history.EditState, name: string): void;
  markSaved(name: string): void;
  /** Told everything that happens to the document, in order: what a journal keeps. */
  onJournal(listener: (entry: history.JournalEntry) => void): () => void;
}

/** A store with an empty document. */
export function createDocumentStore(untitled: string): DocumentStore {
  const start = emptyDocument();
  const state = createStore<DocumentState>(() => ({ edit: history.startEditing(start), name: untitled, saved: start, session: 0 }));
  const journals = new Set<(entry: history.JournalEntry) => void>();
  let ids = createIdSource();
  const nodes = createNodeWatch();
  state.subscribe(({ edit: now }, { edit: before }) => nodes.wake(nodesTouchedByEdit(before, now)));

  const take = (edited: Result<history.Edited>): Result<null> => {
    if (!edited.ok) return edited;
    const { entry } = edited.value;
    if (entry?.kind === 'commit') tellChangedNodes(edit().document, edited.value.state.document, entry.patches);
    state.setState({ edit: edited.value.state });
    if (entry !== undefined) for (const listener of journals) listener(entry);
    return { ok: true, value: null };
  };
  const edit = (): history.EditState => state.getState().edit;

  return {
    state,
    nodes,
    ids: { next: (base, isTaken) => ids.next(base, isTaken) },
    document: () => edit().document,
    commit(label, command, mode) {
      const committed = history.commit(edit(), label, command, mode);
      if (!committed.ok) return committed;
      take(committed);
      return { ok: true, value: committed.value.value };
    },
    undo: () => take(history.undo(edit())),
    redo: () => take(history.redo(edit())),
    mark: () => take(history.mark(edit())),
    squash: (label) => take(history.squash(edit(), label)),
    bail: () => take(history.bail(edit())),
    stopMerging: () => state.setState({ edit: history.stopMerging(edit()) }),
    open(opened, name) {
      ids = createIdSource();
      state.setState({ edit: opened, name, saved: opened.document, session: state.getState().session + 1 });
    },
    markSaved: (name) => state.setState({ saved: edit().document, name }),
    onJournal(listener) {
      journals.add(listener);
      return () => journals.delete(listener);
    },
  };
}

/** Patches that only change what is in nodes say which. */
function tellChangedNodes(before: GraphDocument, after: GraphDocument, patches: readonly Patch[]): void {
  const touched = patches.filter(({ path }) => path[0] === 'nodes');
  if (touched.every(({ path }) => path.length > 2)) {
    tellChangedKeys(before.nodes, after.nodes, new Set(touched.map(({ path }) => String(path[1]))));
  }
}
