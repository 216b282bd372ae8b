import { useEffect } from 'react';
import type { Editor } from '../editor.ts';
import type { Action } from './action.ts';

/** What items of the Edit menu mean in a text field. Pasting is not among a page's commands. */
const TEXT_COMMANDS: Readonly<Record<string, string>> = {
  'edit.undo': 'undo',
  'edit.redo': 'redo',
  'edit.cut': 'cut',
  'edit.copy': 'copy',
  'edit.delete': 'delete',
  'edit.selectAll': 'selectAll',
};

/** Carries out what is chosen in the desktop's menu bar. */
export function useMenu(editor: Editor, actions: readonly Action[]): void {
  useEffect(
    () =>
      editor.client.on('shell.action', ({ action: id }) => {
        if (isTyping() && editText(id)) return;
        const action = actions.find((one) => one.id === id);
        if (action !== undefined && action.isEnabled?.(editor) !== false) void action.run(editor);
      }),
    [editor, actions],
  );
}

function isTyping(): boolean {
  return document.activeElement?.closest('input, textarea, [contenteditable="true"]') != null;
}

/** True when it was something about the text. */
function editText(id: string): boolean {
  if (id === 'edit.paste') {
    void navigator.clipboard.readText().then((text) => document.execCommand('insertText', false, text));
    return true;
  }
  const command = TEXT_COMMANDS[id];
  // Old, but the only way that keeps the field's own undo.
  return command !== undefined && (document.execCommand(command) || true);
}
