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
      for (const action of actions) {
        const keys = action.keys?.find((one) => matchesKeys(event, one, mac));
        if (keys === undefined || !isHeardAt(action, target) || !mayTakeKey(keys, target)) continue;
        if (action.isEnabled?.(editor) === false) continue;
        event.preventDefault();
        if (action.whileTyping === 'kept') endDraft(target);
        void action.run(editor);
        return;
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [editor, actions]);
}

function isHeardAt({ whileTyping }: Action, target: Element): boolean {
  if (target.closest('[role="dialog"], [role="menu"], [role="tablist"], [data-own-keys]') !== null) return false;
  return target.closest(TYPED_INTO) === null || whileTyping === true || (whileTyping === 'kept' && target.matches('[data-kept]'));
}

/** A field may show letters that make no value yet; it goes by the document again, and keeps the focus. */
function endDraft(target: Element): void {
  if (!(target instanceof HTMLElement) || !target.matches('[data-kept]')) return;
  target.blur();
  target.focus();
}

/** Keys that mean something to what has the focus are left to it. Tab adds a node only where nothing has the focus. */
function mayTakeKey(keys: string, target: Element): boolean {
  const isFree = target === document.body || target.classList.contains('react-flow__pane') || target.classList.contains('react-flow');
  if (keys === 'Tab') return isFree;
  const isOnCanvas = isFree || target.closest('.react-flow__node') !== null;
  if (/Arrow|^Home$|^Escape$/.test(keys)) return isOnCanvas;
  return true;
}
