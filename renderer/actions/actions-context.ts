import { createContext, useContext } from 'react';
import { useEditor } from '../use-editor.ts';
import type { Action } from './action.ts';
import { ariaKeys, isMac, showKeys } from './keys.ts';

/** Gives the actions to buttons and menus. */
export const ActionsContext = createContext<readonly Action[]>([]);

/** All actions. */
export function useActions(): readonly Action[] {
  return useContext(ActionsContext);
}

/** What a button for an action needs; an unknown id is a bug. */
export function useAction(id: string): {
  readonly run: () => void;
  readonly title: string;
  readonly keys: string | undefined;
  readonly ariaKeys: string | undefined;
} {
  const editor = useEditor();
  const action = useActions().find((one) => one.id === id);
  if (action === undefined) throw new Error(`there is no action ${id}`);
  const mac = isMac(navigator.platform);
  const [first] = action.keys ?? [];
  return {
    run: () => void action.run(editor),
    title: action.title,
    keys: first === undefined ? undefined : showKeys(first, mac),
    ariaKeys: first === undefined ? undefined : ariaKeys(first, mac),
  };
}
