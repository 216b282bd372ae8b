import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import { type StoreApi, useStore } from 'zustand';
import type { GraphNode, NodeId } from '../graphs/document.ts';
import type { EditState } from '../graphs/history.ts';
import type { Editor } from './editor.ts';
import type { HostState } from './store/host-store.ts';
import type { KeyedStore } from './store/keyed-store.ts';
import type { Inference } from './store/merge-inference.ts';
import type { ViewState } from './store/view-store.ts';

/** Gives the editor to everything in the window. */
export const EditorContext = createContext<Editor | undefined>(undefined);

/** The editor this part of the window works on. */
export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (editor === undefined) throw new Error('there is no editor around this component');
  return editor;
}

/** A part of a store; the component is drawn again when that part becomes another one. */
export function usePart<S, P>(store: StoreApi<S>, choose: (state: S) => P): P {
  return useStore(store, choose);
}

/** Something about one node, from the document: drawn again when that becomes something else. Its place is not looked at. */
export function useNodePart<P>(id: NodeId, choose: (edit: EditState) => P): P {
  const { documents } = useEditor();
  const subscribe = useCallback((listener: () => void) => documents.nodes.watch(id, listener), [documents, id]);
  return useSyncExternalStore(subscribe, () => choose(documents.state.getState().edit));
}

/** A node of the document. */
export function useGraphNode(id: NodeId): GraphNode | undefined {
  return useNodePart(id, ({ document }) => document.nodes[id]);
}

/** A part of what the host offers. */
export function useHost<P>(choose: (state: HostState) => P): P {
  return useStore(useEditor().host.state, choose);
}

/** A part of how the window is arranged. */
export function useView<P>(choose: (state: ViewState) => P): P {
  return useStore(useEditor().view, choose);
}

/** Something inferred of one node. */
export function useNodeInference<P>(id: NodeId, choose: (state: Inference) => P): P {
  const { inference } = useEditor();
  const subscribe = useCallback((listener: () => void) => inference.nodes.watch(id, listener), [inference, id]);
  return useSyncExternalStore(subscribe, () => choose(inference.state.getState()));
}

/** A part of what is inferred. */
export function useInference<P>(choose: (state: Inference) => P): P {
  return useStore(useEditor().inference.state, choose);
}

/** The value of one key; only its own changes draw the component again. */
export function useKeyed<V>(store: KeyedStore<V>, key: string): V | undefined {
  const subscribe = useCallback((listener: () => void) => store.subscribe(key, listener), [store, key]);
  return useSyncExternalStore(subscribe, () => store.get(key));
}
