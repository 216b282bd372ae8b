import { useEffect } from 'react';

/**
 * Keeps the browser's own undo to fields whose letters are a draft, and to the one that has the focus. Chromium keeps one list for the whole
 * page: Ctrl+Z that nobody else takes, as at the beginning of a document's history, would put old text back into whichever field was
 * typed in last, and that would be an edit, which ends all redo.
 */
export function useOwnUndo(): void {
  useEffect(() => {
    const onBeforeInput = (event: InputEvent): void => {
      if (!/^history(Undo|Redo)$/.test(event.inputType)) return;
      const isDraft = event.target instanceof Element && !event.target.matches('[data-kept]');
      if (!isDraft || event.target !== document.activeElement) event.preventDefault();
    };
    window.addEventListener('beforeinput', onBeforeInput, true);
    return () => window.removeEventListener('beforeinput', onBeforeInput, true);
  }, []);
}
