import { useEffect } from 'react';
import type { Editor } from '../editor.ts';
import type { Action } from './action.ts';
import { isMac, matchesKeys } from './keys.ts';

/** Where letters go: fields that show no text have no use for them. */
const TYPED_INTO =
  'input:not([type="color"], [type="checkbox"], [type="radio"], [type="range"]), textarea, select, [contenteditable="true"]';

/** Carries out actions by their keys, anywhere in the window. */
export function useShortcuts(editor: Editor, actions: readonly Action[]): void {
  useEffect(() => {
    const mac = isMac(navigator.platform);
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const target = event.target instanceof Element ? event.target : document.body;
      const isTyping = target.closest(TYPED_INTO) !== null;
      const isInside = target.closest('[role="dialog"], [role="menu"], [role="tablist"], [data-own-keys]') !== null;
      for (const action of actions) {
        const keys = action.keys?.find((one) => matchesKeys(event, one, mac));
        if (keys === undefined) continue;
        if ((isTyping || isInside) && !(action.whileTyping && !isInside)) continue;
        if (!mayTakeKey(keys, target) || action.isEnabled?.(editor) === false) continue;
        event.preventDefault();
        void action.run(editor);
        return;
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [editor, actions]);
}

/** Keys that mean something to what has the focus are left to it. Tab adds a node only where nothing has the focus. */
function mayTakeKey(keys: string, target: Element): boolean {
  const isFree = target === document.body || target.classList.contains('react-flow__pane') || target.classList.contains('react-flow');
  if (keys === 'Tab') return isFree;
  const isOnCanvas = isFree || target.closest('.react-flow__node') !== null;
  if (/Arrow|^Home$|^Escape$/.test(keys)) return isOnCanvas;
  return true;
}
