import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallResult } from '../../host/contract.ts';
import type { PickKind } from '../../host/shell/shell-contract.ts';
import type { DrawRequest } from '../draw/draw-request.ts';

/** What can be asked of the person at the window: what a dialog shows, and what comes of it. */
interface Dialogs {
  /** One of several ways to go on. */
  readonly question: {
    readonly args: { readonly title: string; readonly message: string; readonly choices: readonly Choice[] };
    readonly answer: string;
  };
  readonly text: {
    readonly args: { readonly title: string; readonly label: string; readonly value: string; readonly done: string };
    readonly answer: string;
  };
  /** A file or folder of the host; `computer`: the browser's own dialog instead. */
  readonly pick: {
    readonly args: { readonly kind: PickKind; readonly hasComputer: boolean };
    readonly answer: { readonly path: string; readonly name: string } | 'computer';
  };
  /** A folder of the host and a name. */
  readonly target: { readonly args: { readonly name: string }; readonly answer: { readonly folder: string; readonly name: string } };
  /** A picture or a mask; what is drawn is saved by what it was asked with. */
  readonly draw: { readonly args: DrawRequest; readonly answer: never };
  readonly diff: { readonly args: Record<string, never>; readonly answer: never };
}

/** A way to go on. */
export interface Choice {
  readonly id: string;
  readonly label: string;
  /** `danger`: something is lost. */
  readonly tone?: 'primary' | 'danger';
}

export type DialogKind = keyof Dialogs;

/** A dialog that is shown. */
export type OpenDialog = {
  readonly [K in DialogKind]: {
    readonly key: number;
    readonly kind: K;
    readonly args: Dialogs[K]['args'];
    /** Undefined: it was closed without an answer. */
    answer(value: Dialogs[K]['answer'] | undefined): void;
  };
}[DialogKind];

/** A dialog of one kind that is shown. */
export type DialogOf<K extends DialogKind> = Extract<OpenDialog, { readonly kind: K }>;

/** What lies in a folder. */
export type FolderEntry = CallResult<'folder.list'>['entries'][number];

/** Asks the person at the window. */
export interface DialogStore {
  /** The one shown on top is the last. */
  readonly state: StoreApi<readonly OpenDialog[]>;
  ask<K extends DialogKind>(kind: K, args: Dialogs[K]['args']): Promise<Dialogs[K]['answer'] | undefined>;
}

/** A store without dialogs. */
export function createDialogStore(): DialogStore {
  const state = createStore<readonly OpenDialog[]>(() => []);
  let nextKey = 1;
  return {
    state,
    ask: <K extends DialogKind>(kind: K, args: Dialogs[K]['args']) =>
      new Promise<Dialogs[K]['answer'] | undefined>((resolve) => {
        const key = nextKey++;
        const answer = (value: Dialogs[K]['answer'] | undefined): void => {
          state.setState(
            state.getState().filter((one) => one.key !== key),
            true,
          );
          resolve(value);
        };
        const dialog = { key, kind, args, answer } as unknown as OpenDialog; // args and answer are of this kind
        state.setState([...state.getState(), dialog], true);
      }),
  };
}
