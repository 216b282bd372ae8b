import { Ban, Check, CircleDashed, CircleSlash, Clock, Database, LoaderCircle, TriangleAlert } from 'lucide-react';
import type { ReactElement } from 'react';
import type { NodeId } from '../../graphs/document.ts';
import { focusAtOnce } from '../focus-at-once.ts';
import { rename } from '../operations/edit-selection.ts';
import { titleOf } from '../operations/node-title.ts';
import { showDuration } from '../show-duration.ts';
import { texts } from '../texts.ts';
import { useEditor, useKeyed, useNodeInference, useView } from '../use-editor.ts';
import { type NodeStatus, statusOf } from './node-status.ts';

const ICONS: Readonly<Record<Exclude<NodeStatus, 'idle'>, ReactElement>> = {
  cached: <Database aria-hidden="true" />,
  fresh: <Check aria-hidden="true" />,
  stale: <CircleDashed aria-hidden="true" />,
  queued: <Clock aria-hidden="true" />,
  running: <LoaderCircle aria-hidden="true" />,
  failed: <TriangleAlert aria-hidden="true" />,
  skipped: <CircleSlash aria-hidden="true" />,
  cancelled: <Ban aria-hidden="true" />,
};

/** Title and state of a node. */
export function NodeHeader({
  id,
  title,
  switchedOff,
}: {
  readonly id: NodeId;
  readonly title: string;
  /** It is kept from running. */
  readonly switchedOff: 'bypassed' | 'muted' | undefined;
}) {
  const editor = useEditor();
  const isRenaming = useView((view) => view.renaming === id);
  const stop = (): void => {
    editor.view.setState({ renaming: undefined });
    editor.canvas?.focusNode(id);
  };
  return (
    <header className="node-header">
      {isRenaming ? (
        <input
          className="node-title-input nodrag"
          aria-label={texts.node.title}
          defaultValue={title}
          ref={focusAtOnce}
          onFocus={(event) => event.target.select()}
          onBlur={(event) => {
            if (event.target.value !== title) rename(editor, id, event.target.value);
            stop();
          }}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === 'Escape') event.currentTarget.value = title;
            if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      ) : (
        <span className="node-title">{title}</span>
      )}
      {switchedOff === undefined ? <StatusBadge id={id} /> : <span className="badge">{texts.node[switchedOff]}</span>}
      <ProgressBar id={id} />
    </header>
  );
}

function StatusBadge({ id }: { readonly id: NodeId }) {
  const editor = useEditor();
  const run = useKeyed(editor.runs.nodes, id);
  const mutedBy = useNodeInference(id, (inference) => inference.muted[id]) as NodeId | undefined; // inference names the document's own nodes
  const stands = useNodeInference(id, (inference) => statusOf(run, inference.keys.get(id), inference.cached.has(id)));
  const status = mutedBy === undefined ? stands : 'skipped';
  const said = mutedBy === undefined ? texts.node.status[status] : texts.node.mutedBy(titleOf(editor, mutedBy));
  if (status === 'idle') return null;
  const { state, progress } = run ?? {};
  const parts: string[] = [];
  if (status === 'running' && progress !== undefined) {
    parts.push(`${progress.done}/${progress.total}`);
    if (progress.etaMs !== null && progress.etaMs > 1500) parts.push(showDuration(progress.etaMs));
  }
  if (status === 'fresh' && state?.kind === 'done') parts.push(state.cached ? texts.node.fromCache : showDuration(state.durationMs));
  return (
    <span className="node-status" data-status={status} title={said}>
      {parts.length === 0 ? null : <span className="figure">{parts.join(' · ')}</span>}
      {ICONS[status]}
      <span className="sr-only">{said}</span>
    </span>
  );
}

function ProgressBar({ id }: { readonly id: NodeId }) {
  const run = useKeyed(useEditor().runs.nodes, id);
  if (run?.state.kind !== 'running') return null;
  const { done, total } = run.progress ?? { done: 0, total: 0 };
  const share = total > 0 ? done / total : undefined;
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={texts.node.progress}
      aria-valuemin={0}
      aria-valuemax={total > 0 ? total : undefined}
      aria-valuenow={share === undefined ? undefined : done}
      data-unknown={share === undefined ? '' : undefined}
    >
      <div style={{ transform: `scaleX(${share ?? 1})` }} />
    </div>
  );
}
