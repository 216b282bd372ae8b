import { showDuration } from '../show-duration.ts';
import type { RunRecord } from '../store/run-store.ts';
import { texts } from '../texts.ts';
import { useEditor, usePart } from '../use-editor.ts';

/** The runs of this window, newest first. */
export function QueuePanel() {
  const runs = usePart(useEditor().runs.state, (state) => state.runs);
  if (runs.length === 0) return <p className="empty">{texts.queue.empty}</p>;
  return (
    <ol className="panel-scroll run-list" aria-label={texts.tabs.queue}>
      {runs.map((run) => (
        <Run key={run.id} run={run} />
      ))}
    </ol>
  );
}

function Run({ run }: { readonly run: RunRecord }) {
  const editor = useEditor();
  const [picture] = run.results;
  return (
    <li className="run" data-outcome={run.outcome}>
      {picture === undefined ? (
        <span className="thumbnail" />
      ) : (
        <img className="thumbnail" src={picture.url} alt="" width={48} height={48} />
      )}
      <div className="run-text">
        <strong>{run.name}</strong>
        <span className="hint">
          {texts.queue.outcomes[run.outcome]}
          {run.durationMs === undefined ? '' : ` · ${showDuration(run.durationMs)}`} · {new Date(run.startedAt).toLocaleTimeString()}
        </span>
        {run.problems.map((problem) => (
          <p key={problem.message} className="problem" data-severity={problem.severity}>
            {problem.message}
          </p>
        ))}
      </div>
      {run.outcome === 'running' ? (
        <button type="button" className="button is-small" onClick={() => void editor.runs.cancel()}>
          {texts.actions.cancel}
        </button>
      ) : null}
    </li>
  );
}
