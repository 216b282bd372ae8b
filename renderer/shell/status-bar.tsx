import { showDuration } from '../show-duration.ts';
import { texts } from '../texts.ts';
import { useEditor, useHost, useInference, usePart } from '../use-editor.ts';

/** The line at the bottom: connection, evaluator, problems, the last run. */
export function StatusBar() {
  const editor = useEditor();
  const isConnected = useHost((host) => host.isConnected);
  const evaluator = usePart(editor.runs.state, (state) => state.evaluator);
  const last = usePart(editor.runs.state, (state) => state.runs[0]);
  const waiting = usePart(editor.queue.state, ({ entries }) => entries.filter((entry) => entry.state === 'waiting').length);
  const errors = useInference((inference) => inference.problems.filter((one) => one.severity === 'error').length);
  return (
    <footer className="status-bar">
      <span className="status-item" data-tone={isConnected ? 'good' : 'bad'} role="status">
        {isConnected ? texts.status.connected : texts.status.disconnected}
      </span>
      {evaluator === undefined ? null : (
        <span className="status-item" data-tone={evaluator === 'died' ? 'bad' : undefined}>
          {texts.status.evaluator[evaluator]}
        </span>
      )}
      <span className="spacer" />
      {waiting === 0 ? null : (
        <span className="status-item figure" role="status">
          {texts.status.waiting(waiting)}
        </span>
      )}
      {last === undefined ? null : <span className="status-item">{last.notes.at(-1)}</span>}
      {last === undefined ? null : (
        <span className="status-item figure" role="status">
          {last.durationMs === undefined
            ? texts.status.outcomes[last.outcome]
            : texts.status.lastRun(texts.status.outcomes[last.outcome], showDuration(last.durationMs))}
        </span>
      )}
      <button
        type="button"
        className="status-item"
        data-tone={errors > 0 ? 'bad' : undefined}
        onClick={() => {
          editor.selection.select({});
          editor.view.setState({ rightOpen: true, rightTab: 'inspector' });
        }}
      >
        {errors === 0 ? texts.status.noProblems : texts.status.problems(errors)}
      </button>
    </footer>
  );
}
