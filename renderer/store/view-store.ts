import { createStore, type StoreApi } from 'zustand/vanilla';
import type { NodeId } from '../../graphs/document.ts';

/** One end of a wire under the hand: a socket that has been taken, and on which side of its node it is. */
export interface WireEnd {
  readonly node: NodeId;
  readonly socket: string;
  readonly side: 'input' | 'output';
}

/** The menu that adds a node. */
export interface AddMenu {
  /** In the window, in CSS pixels. */
  readonly at: { readonly x: number; readonly y: number };
  /** On the canvas. */
  readonly position: { readonly x: number; readonly y: number };
  /** Only nodes that fit this end are offered, and the chosen one is connected to it. */
  readonly fitting?: WireEnd;
}

export const RIGHT_TABS = ['inspector', 'outline', 'queue', 'gallery'] as const;
export type RightTab = (typeof RIGHT_TABS)[number];

/** How the window is arranged. Not part of any document. */
export interface ViewState {
  readonly leftOpen: boolean;
  readonly rightOpen: boolean;
  readonly rightTab: RightTab;
  readonly paletteOpen: boolean;
  readonly addMenu: AddMenu | undefined;
  /** The node whose title is being typed. */
  readonly renaming: NodeId | undefined;
  /** The note that is being typed in. */
  readonly editingNote: string | undefined;
  readonly minimap: boolean;
  readonly snap: boolean;
  readonly theme: 'system' | 'light' | 'dark';
  readonly autoRun: boolean;
}

/** Narrower windows begin without the list of nodes: the graph comes first, and nodes are added by other ways too. */
const ROOM_FOR_BOTH_PX = 1360;
const ROOM_FOR_ONE_PX = 900;

/** A store with everything as at the first start of a window that is so wide. */
export function createViewStore(widthPx: number): StoreApi<ViewState> {
  return createStore<ViewState>(() => ({
    leftOpen: widthPx >= ROOM_FOR_BOTH_PX,
    rightOpen: widthPx >= ROOM_FOR_ONE_PX,
    rightTab: 'inspector',
    paletteOpen: false,
    addMenu: undefined,
    renaming: undefined,
    editingNote: undefined,
    minimap: true,
    snap: false,
    theme: 'system',
    autoRun: false,
  }));
}
