import { useEffect } from 'react';
import type { Editor } from '../editor.ts';
import type { Action } from './action.ts';

/** Carries out what is chosen in the menu of the desktop window. */
export function useShellActions(editor: Editor, actions: readonly Action[]): void {
  useEffect(
    () =>
      editor.client.on('shell.action', ({ action: id }) => {
        const action = actions.find((one) => one.id === id);
        if (action !== undefined && action.isEnabled?.(editor) !== false) void action.run(editor);
      }),
    [editor, actions],
  );
}
