import type { RunEvent } from '../run-events.ts';

/**
 * Sends events in as few messages as may be, since each message between processes costs a part of a millisecond: most wait for the next
 * turn of the event loop, which comes before any model call, and whatever is sent takes along what waits. That a node begins or goes on is
 * sent at once: it may be the last that this process says for long, or at all.
 */
export function createEventSender(send: (runId: string, events: readonly RunEvent[]) => void): (runId: string, event: RunEvent) => void {
  let waiting: { readonly runId: string; readonly events: RunEvent[] } | undefined;
  const flush = (): void => {
    if (waiting === undefined) return;
    const { runId, events } = waiting;
    waiting = undefined;
    send(runId, events);
  };
  return (runId, event) => {
    if (waiting !== undefined && waiting.runId !== runId) flush();
    const isFirst = waiting === undefined;
    waiting ??= { runId, events: [] };
    waiting.events.push(event);
    if (!mayWait(event)) flush();
    else if (isFirst) setImmediate(flush);
  };
}

function mayWait(event: RunEvent): boolean {
  switch (event.kind) {
    case 'preview':
    case 'result':
      return true;
    case 'progress':
      return event.done >= event.total;
    case 'state':
      return event.state.kind !== 'running';
    default:
      return false;
  }
}
