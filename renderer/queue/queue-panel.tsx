import { ArrowDown, ArrowUp, CircleStop, FileInput, Pause, Play, RotateCcw, Square, Trash2, X } from 'lucide-react';
import { type DragEvent, type ReactNode, useEffect, useState } from 'react';
import type { Result } from '../../nodes/problem.ts';
import { openText } from '../documents/open-graph.ts';
import { showDuration } from '../show-duration.ts';
import { showMoment } from '../show-moment.ts';
import { queueTexts as texts } from '../texts/queue-texts.ts';
import { useEditor, usePart } from '../use-editor.ts';
import { placeBeside, type QueueEntry, type QueueStore } from './queue-store.ts';

const DRAGGED = 'application/x-emulsion-run';

/** Everything that waits, runs or has run, with what can be done about it. */
export function QueuePanel() {
  const { queue } = useEditor();
  const { isPaused, entries } = usePart(queue.state, (state) => state);
  const act = useAct();
  const isOver = (entry: QueueEntry): boolean => entry.state === 'done' || entry.state === 'failed' || entry.state === 'cancelled';
  const ordered = [...entries.filter((entry) => !isOver(entry)), ...entries.filter(isOver).reverse()];
  return (
    <section className="panel-scroll" aria-label={texts.title}>
      <header className="button-row">
        <button type="button" className="button is-small" onClick={() => act(isPaused ? queue.resume() : queue.hold())}>
          {isPaused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
          {isPaused ? texts.go : texts.hold}
        </button>
        <button type="button" className="button is-small" disabled={!entries.some(isOver)} onClick={() => act(queue.clear())}>
          <Trash2 size={14} aria-hidden />
          {texts.clear}
        </button>
      </header>
      {isPaused && (
        <p className="queue-held" role="status">
          {texts.held}
        </p>
      )}
      {ordered.length === 0 ? (
        <p className="empty">{texts.empty}</p>
      ) : (
        <ol className="queue-list">
          {ordered.map((entry) => (
            <Entry key={entry.id} entry={entry} queue={queue} entries={entries} />
          ))}
        </ol>
      )}
    </section>
  );
}

interface EntryProps {
  readonly entry: QueueEntry;
  readonly entries: readonly QueueEntry[];
  readonly queue: QueueStore;
}

function Entry({ entry, entries, queue }: EntryProps) {
  const act = useAct();
  const editor = useEditor();
  const [isTarget, setTarget] = useState(false);
  const canMove = entry.state === 'waiting' || entry.state === 'paused';
  const open = async (): Promise<void> => {
    const found = await queue.graphOf(entry.id);
    if (found.ok) openText(editor, found.value.graph, found.value.title);
    else editor.notices.tell(found.problem.message, 'trouble');
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setTarget(false);
    const id = event.dataTransfer.getData(DRAGGED);
    if (id !== '' && id !== entry.id) act(queue.move(id, entry.id));
  };
  return (
    <li
      className="queue-entry"
      data-state={entry.state}
      data-target={isTarget || undefined}
      aria-label={texts.entry(entry.title, texts.states[entry.state])}
      draggable={canMove}
      onDragStart={(event) => event.dataTransfer.setData(DRAGGED, entry.id)}
      onDragOver={(event) => {
        if (!canMove || !event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setTarget(true);
      }}
      onDragLeave={() => setTarget(false)}
      onDrop={drop}
    >
      {entry.thumbnail === null ? (
        <span className="queue-thumbnail" aria-hidden />
      ) : (
        <img className="queue-thumbnail" src={`artifact/${entry.thumbnail.id}`} alt="" />
      )}
      <div className="queue-about">
        <strong className="queue-title">{entry.title}</strong>
        <span className="queue-state">
          {texts.states[entry.state]} <Times entry={entry} />
        </span>
        {entry.problems[0] !== undefined && <span className="queue-problem">{entry.problems[0].message}</span>}
      </div>
      <div className="queue-actions">
        {entry.state === 'running' && (
          <>
            <Action label={texts.cancel} act={() => act(queue.cancel(entry.id))} icon={<Square size={14} />} />
            <Action label={texts.stopNow} act={() => act(queue.stop(entry.id))} icon={<CircleStop size={14} />} />
          </>
        )}
        {canMove && (
          <>
            <Move entries={entries} entry={entry} queue={queue} direction={-1} />
            <Move entries={entries} entry={entry} queue={queue} direction={1} />
            {entry.state === 'waiting' ? (
              <Action label={texts.holdOne} act={() => act(queue.hold(entry.id))} icon={<Pause size={14} />} />
            ) : (
              <Action label={texts.resumeOne} act={() => act(queue.resume(entry.id))} icon={<Play size={14} />} />
            )}
            <Action label={texts.cancel} act={() => act(queue.cancel(entry.id))} icon={<X size={14} />} />
          </>
        )}
        <Action label={texts.openGraph} act={() => void open()} icon={<FileInput size={14} />} />
        {!canMove && entry.state !== 'running' && (
          <>
            <Action label={texts.retry} act={() => act(queue.retry(entry.id))} icon={<RotateCcw size={14} />} />
            <Action label={texts.remove} act={() => act(queue.clear(entry.id))} icon={<X size={14} />} />
          </>
        )}
      </div>
    </li>
  );
}

function Move({ entries, entry, queue, direction }: EntryProps & { readonly direction: -1 | 1 }) {
  const act = useAct();
  const before = placeBeside(entries, entry.id, direction);
  const label = direction === -1 ? texts.earlier : texts.later;
  return (
    <Action
      label={label}
      isDisabled={before === undefined}
      act={() => {
        if (before !== undefined) act(queue.move(entry.id, before));
      }}
      icon={direction === -1 ? <ArrowUp size={14} /> : <ArrowDown size={14} />}
    />
  );
}

function Action({ label, act, icon, isDisabled = false }: { label: string; act(): void; icon: ReactNode; isDisabled?: boolean }) {
  return (
    <button type="button" className="icon-button is-small" aria-label={label} title={label} disabled={isDisabled} onClick={act}>
      {icon}
    </button>
  );
}

function Times({ entry }: { readonly entry: QueueEntry }) {
  const nowMs = useClock(entry.state === 'running');
  if (entry.startedMs === null) return null;
  if (entry.endedMs === null) return <>{texts.since(showDuration(Math.max(0, nowMs - entry.startedMs)))}</>;
  return (
    <>
      {showMoment(entry.endedMs, nowMs)} · {texts.took(showDuration(entry.endedMs - entry.startedMs))}
    </>
  );
}

/** The time, every second while it is wanted. */
function useClock(isRunning: boolean): number {
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return nowMs;
}

/** Tells what went wrong with a call. */
function useAct(): (call: Promise<Result<unknown>>) => void {
  const { notices } = useEditor();
  return (call) => {
    void call.then((result) => {
      if (!result.ok) notices.tell(result.problem.message, 'trouble');
    });
  };
}
