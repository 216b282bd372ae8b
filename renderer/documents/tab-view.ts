import type { RunsState } from '../store/run-store.ts';
import type { Selection } from '../store/selection-store.ts';
import type { WorkspaceParts } from './workspace.ts';

/** How a document was looked at: what was selected, where the canvas stood, how its last run did. */
export interface TabView {
  /** Looks at it that way again, once it is the open document. */
  restore(): void;
}

/** Keeps how the open document is looked at. */
export function keepTabView({ selection, runs, pictures, client, canvas }: WorkspaceParts): TabView {
  const selected: Selection = selection.state.getState();
  const view = canvas()?.view();
  const { current, waiting }: RunsState = runs.state.getState();
  const nodes = [...runs.nodes.entries()];
  const shown = [...pictures.shown.entries()].filter(([, picture]) => !picture.isPreview);

  /** What a run did while another document was shown. */
  const followRun = async (runId: string): Promise<void> => {
    const found = await client.call('run.states', { runId });
    if (!found.ok || runs.state.getState().current !== runId) return;
    for (const [node, state] of Object.entries(found.value.states)) runs.nodes.set(node, { state, key: runs.nodes.get(node)?.key });
    for (const [node, results] of Object.entries(found.value.results)) {
      const picture = results.find((one) => one.mime.startsWith('image/'));
      if (picture === undefined) continue;
      pictures.finish(node, { url: `artifact/${picture.id}`, widthPx: picture.widthPx, heightPx: picture.heightPx });
    }
    if (found.value.ended === null) return;
    runs.advance();
    const next = runs.state.getState().current;
    if (next !== undefined) await followRun(next);
  };

  return {
    restore() {
      selection.select(selected);
      for (const [node, run] of nodes) runs.nodes.set(node, run);
      for (const [node, picture] of shown) pictures.finish(node, picture);
      runs.follow({ current, waiting });
      if (current !== undefined) void followRun(current);
      requestAnimationFrame(() => (view === undefined ? canvas()?.fit() : canvas()?.show(view)));
    },
  };
}
