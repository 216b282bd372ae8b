import { useEffect } from 'react';
import { differsInSeedsOnly } from '../../graphs/unlocked-seeds.ts';
import type { Editor } from '../editor.ts';
import { startRun } from '../operations/run-graph.ts';

const PAUSE_MS = 500;

/** While it is switched on, runs the graph a moment after each change. A run that is going on is cancelled for it. */
export function useAutoRun(editor: Editor): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const go = async (): Promise<void> => {
      await editor.inference.settle();
      const isWrong = editor.inference.state.getState().problems.some((one) => one.severity === 'error');
      if (editor.view.getState().autoRun && !isWrong) await startRun(editor);
    };
    const stop = editor.documents.state.subscribe((now, before) => {
      const [after, earlier] = [now.edit.document, before.edit.document];
      // Seeds that a run throws are no reason for another run.
      if (!editor.view.getState().autoRun || differsInSeedsOnly(earlier, after)) return;
      if (editor.runs.state.getState().current !== undefined) void editor.runs.cancel();
      clearTimeout(timer);
      timer = setTimeout(() => void go(), PAUSE_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [editor]);
}
