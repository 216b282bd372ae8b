import { createStore, type StoreApi } from 'zustand/vanilla';
import type { GraphDocument } from '../../graphs/document.ts';
import { carryOut, type EditState, type JournalEntry, stopMerging } from '../../graphs/history.ts';
import { writeJournalLine } from '../../graphs/journal.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { CallArgs, CallResult, ContractClient, EventPayload } from '../../host/contract.ts';
import { fail, ok, type Problem, type Result } from '../../nodes/problem.ts';
import { documentTexts as texts } from '../texts/document-texts.ts';
import { isSameEntry, readAuthoredLines } from './authored-lines.ts';
import { rebaseEdits } from './rebase-edits.ts';
import { bridgeTo, findUnseen, rebuildEdits } from './rebuild-edits.ts';
import { isSameDocument } from './same-document.ts';

/** A document as the host describes it. */
export type HostDocument = CallResult<'document.open'>['document'];

/** What a window shows of an open document. */
export interface SessionState {
  readonly document: HostDocument;
  readonly edit: EditState;
  /** It holds something that its file does not. */
  readonly isDirty: boolean;
  /** How safe the last edit is. */
  readonly safety: 'kept' | 'sending' | 'waiting' | 'refused';
}

/** What a session tells beside its state. */
export interface SessionListener {
  /** The document has changed without this window having changed it. */
  onForeignEdit(edit: EditState): void;
  /** Something the person should know. */
  onSentence(message: string): void;
}

/** One open document, kept in step with the host: this window's edits go there, others' edits come from there. */
export interface DocumentSession {
  readonly state: StoreApi<SessionState>;
  /** This window has done this; the document is so now. */
  took(entry: JournalEntry, edit: EditState): void;
  /** Sends what has not been sent and asks for what was missed, after the connection was lost. */
  catchUp(): void;
  /** What the host says of any document; other documents are passed over. */
  onChanged(event: EventPayload<'document.changed'>): void;
  onState(event: EventPayload<'document.state'>): void;
  /**
   * The document as the host has it too, with the number of its last entry there. Undefined while this window holds back something that
   * it shows: in a gesture, or when the host has refused it.
   */
  shared(): { readonly document: GraphDocument; readonly sequence: number } | undefined;
  /** Resolves when the host has every edit, with the number of the last one. */
  settle(): Promise<Result<number>>;
  save(overwrite?: boolean): Promise<Result<HostDocument>>;
  saveAs(target: CallArgs<'document.saveAs'>['target'], overwrite?: boolean): Promise<Result<HostDocument>>;
  rename(title: string): Promise<Result<HostDocument>>;
  /** The page goes: what the host may not have got by then is there for the next one. */
  leave(): void;
  /** Lets go of it. `keep`: it can be recovered later. */
  close(keep: boolean): Promise<Result<unknown>>;
}

/** What a session is made of. */
export interface SessionParts {
  readonly client: ContractClient;
  /** This window, as the host knows it. */
  readonly window: string;
  readonly listener: SessionListener;
  /** Edits that the host has not got outlive the page here. */
  readonly shelf: EditShelf;
}

/** Edits of a window that could not be sent. */
export interface KeptEdits {
  readonly window: string;
  /** The entry they were made after. */
  readonly after: number;
  /** As journal lines. */
  readonly lines: string;
}

/** Where edits lie that could not be sent, by document. */
export interface EditShelf {
  put(document: string, edits: KeptEdits | undefined): void;
  /** Each is given once. */
  take(document: string): KeptEdits | undefined;
}

/** An edit of this window, and what it has led to where that was here to see. */
interface PendingEdit {
  readonly entry: JournalEntry;
  readonly after?: EditState;
}

/** How long it waits before it tries again to put edits on a disk that refused them. */
const RETRY_MS = 5000;
/** How often the same edits are tried after the host has refused them. */
const MOST_REFUSALS = 3;

/** A session over what `document.open` or `document.create` has given; refused when that is damaged. */
export function createDocumentSession(parts: SessionParts, opened: CallResult<'document.open'>): Result<DocumentSession> {
  const { client, window: own, listener, shelf } = parts;
  const rebuilt = rebuildEdits(opened.base, opened.journal);
  if (!rebuilt.ok) return rebuilt;

  /** As the host has it. */
  let confirmed = { edit: rebuilt.value.edit, sequence: opened.document.sequence };
  /** Not known to be in the host. A gesture is one step here, so that nobody sees half of it. */
  let pending: PendingEdit[] = [];
  /** The gesture that is going on in this window. */
  let gesture: JournalEntry[] | undefined;
  /** As its file has it; undefined: not known. */
  let saved: GraphDocument | undefined = opened.document.isSaved ? confirmed.edit.document : undefined;
  let underWay: Promise<Result<null>> | undefined;
  let refusals = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  let isShelved = false;
  let compared: { readonly saved: GraphDocument; readonly document: GraphDocument; readonly isSame: boolean } | undefined;

  const state = createStore<SessionState>(() => ({
    document: opened.document,
    edit: confirmed.edit,
    isDirty: isDirtyNow(opened.document, confirmed.edit),
    safety: 'kept',
  }));

  function isDirtyNow(document: HostDocument, edit: EditState): boolean {
    if (saved !== undefined) return !isSaved(saved, edit.document);
    // What was never saved is worth nothing until somebody has done something to it.
    return document.path !== null || edit.undo.length + edit.redo.length > 0;
  }
  /** Asked several times about each state of the document. */
  function isSaved(saved: GraphDocument, document: GraphDocument): boolean {
    if (compared?.saved !== saved || compared.document !== document) {
      compared = { saved, document, isSame: isSameDocument(saved, document) };
    }
    return compared.isSame;
  }
  const show = (change: Partial<SessionState>): void => {
    const next = { ...state.getState(), ...change };
    state.setState({ ...change, isDirty: isDirtyNow(next.document, next.edit) });
  };
  const describe = (document: HostDocument): void => show({ document });

  /** Puts this window's own edits on top of what the host has. */
  const rebase = (hasForeign = true): void => {
    const mine = rebaseEdits(confirmed.edit, pending.map(entryOf), (kind) => texts.step[kind], hasForeign);
    pending = mine.kept.map((entry) => ({ entry }));
    const going = rebaseEdits(mine.state, gesture ?? [], (kind) => texts.step[kind], hasForeign);
    if (gesture !== undefined) gesture = [...going.kept];
    const lost = [...mine.lost, ...going.lost];
    if (lost[0] !== undefined) listener.onSentence(texts.lostEdits(lost[0], lost.length - 1));
    show({ edit: going.state });
    listener.onForeignEdit(going.state);
  };

  /** Entries of the host from number `after` on; others' are put under this window's own. False: they do not follow what is known. */
  const receive = (after: number, lines: string): boolean => {
    if (after > confirmed.sequence) return false;
    let isForeign = false;
    for (const { entry, by } of readAuthoredLines(lines).slice(confirmed.sequence - after)) {
      const [first] = pending;
      const isOwn = by === own && first !== undefined && isSameEntry(first.entry, entry);
      const next = isOwn && !isForeign ? confirm(confirmed.edit, first) : carryOut(confirmed.edit, entry);
      if (!next.ok) return false;
      confirmed = { edit: next.value.state, sequence: confirmed.sequence + 1 };
      if (isOwn) pending = pending.slice(1);
      else isForeign = true;
    }
    if (isForeign) rebase();
    return true;
  };

  /** The host has this window's own entries up to this number. */
  const acknowledge = (sequence: number): boolean => {
    const count = sequence - confirmed.sequence;
    if (count > pending.length) return false;
    let { edit } = confirmed;
    for (const first of pending.slice(0, Math.max(0, count))) {
      const next = confirm(edit, first);
      if (!next.ok) return false;
      edit = next.value.state;
    }
    if (count <= 0) return true;
    pending = pending.slice(count);
    confirmed = { edit, sequence };
    return true;
  };

  /** Reads the whole document anew and puts what it has not seen of this window on top. */
  const reopen = async (): Promise<Result<null>> => {
    const { document } = state.getState();
    const again = await client.call('document.open', { client: own, source: { kind: 'document', id: document.id } });
    if (!again.ok) return again.problem.code === 'file.missing' ? recreate() : again;
    const read = rebuildEdits(again.value.base, again.value.journal);
    if (!read.ok) return read;
    const { sequence } = again.value.document;
    const before = state.getState().edit;
    const hasLost = sequence < confirmed.sequence;
    const { unseen, hasForeign } = findUnseen(
      { ...read.value, sequence },
      { window: own, after: confirmed.sequence, edits: pending.map(entryOf) },
    );
    pending = unseen.map((entry) => ({ entry }));
    confirmed = { edit: read.value.edit, sequence };
    if (hasLost && gesture === undefined) {
      const bridge = bridgeTo(confirmed.edit, before, texts.step.bridge);
      pending = bridge === undefined ? [] : [{ entry: bridge }];
    }
    describe(again.value.document);
    rebase(hasForeign);
    return ok(null);
  };

  /** The host knows the document no more: it is begun anew with what this window has of it. */
  const recreate = async (): Promise<Result<null>> => {
    const { document, edit } = state.getState();
    const begun = await client.call('document.create', { client: own, title: document.title, graph: writeGraph(edit.document) });
    if (!begun.ok) return begun;
    const read = rebuildEdits(begun.value.base, begun.value.journal);
    if (!read.ok) return read;
    confirmed = { edit: { ...read.value.edit, undo: [], redo: [] }, sequence: begun.value.document.sequence };
    pending = [];
    saved = undefined;
    show({ document: begun.value.document, edit: confirmed.edit });
    listener.onSentence(texts.begunAnew(document.title));
    listener.onForeignEdit(confirmed.edit);
    return ok(null);
  };

  const send = async (): Promise<Result<null>> => {
    const { id } = state.getState().document;
    const answer = await client.call('document.append', {
      id,
      client: own,
      after: confirmed.sequence,
      lines: linesOf(pending),
    });
    if (!answer.ok) return refused(answer.problem);
    if (answer.value.outcome === 'added') {
      refusals = 0;
      return acknowledge(answer.value.sequence) ? ok(null) : reopen();
    }
    const { sequence, missed } = answer.value;
    return missed !== null && receive(sequence - readAuthoredLines(missed).length, missed) ? ok(null) : reopen();
  };

  const refused = (problem: Problem): Promise<Result<null>> | Result<null> => {
    switch (problem.code) {
      case 'contract.invalid':
      case 'graph.commandRefused':
      case 'graph.damaged':
        refusals += 1;
        if (refusals < MOST_REFUSALS) return reopen();
        // The same edits fit nowhere: without them, everything after them is safe again.
        pending = [];
        refusals = 0;
        listener.onSentence(problem.message);
        return reopen();
      case 'file.missing':
        return recreate();
      default:
        return fail(problem);
    }
  };

  /** Sends until the host has everything. One message is under way at a time. */
  const flush = (isForced: boolean): Promise<Result<null>> => {
    underWay ??= (async (): Promise<Result<null>> => {
      // Edits that are made at once go together.
      await Promise.resolve();
      let isFirst = isForced;
      while (!isClosed && (isFirst || pending.length > 0)) {
        isFirst = false;
        show({ safety: 'sending' });
        const sent = await send();
        if (sent.ok) continue;
        const isLost = sent.problem.code === 'contract.closed';
        const before = state.getState().safety;
        show({ safety: isLost ? 'waiting' : 'refused' });
        shelve();
        if (!isLost && before !== 'refused') listener.onSentence(sent.problem.message);
        if (!isLost) retry ??= setTimeout(tryAgain, RETRY_MS);
        return sent;
      }
      if (isShelved) shelve();
      show({ safety: 'kept' });
      return ok(null);
    })().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  const tryAgain = (): void => {
    retry = undefined;
    if (!isClosed) void flush(false);
  };

  const shelve = (): void => {
    isShelved = pending.length > 0;
    const edits = { window: own, after: confirmed.sequence, lines: linesOf(pending) };
    shelf.put(state.getState().document.id, isShelved ? edits : undefined);
  };

  const settle = async (): Promise<Result<number>> => {
    while (underWay !== undefined || pending.length > 0) {
      const flushed = await flush(false);
      if (!flushed.ok) return flushed;
    }
    return ok(confirmed.sequence);
  };

  const write = async (act: (sequence: number) => Promise<Result<{ document: HostDocument }>>): Promise<Result<HostDocument>> => {
    const settled = await settle();
    if (!settled.ok) return settled;
    const { document: written } = confirmed.edit;
    const done = await act(settled.value);
    if (!done.ok) return done;
    saved = written;
    describe(done.value.document);
    return ok(done.value.document);
  };

  const kept = shelf.take(opened.document.id);
  if (kept !== undefined) {
    const edits = readAuthoredLines(kept.lines).map(({ entry }) => entry);
    const { unseen, hasForeign } = findUnseen({ ...rebuilt.value, sequence: confirmed.sequence }, { ...kept, edits });
    pending = unseen.map((entry) => ({ entry }));
    rebase(hasForeign);
    void flush(false);
  }

  return ok({
    state,
    took(entry, edit) {
      const before = state.getState().edit;
      if (entry.kind === 'mark') gesture = [entry];
      else if (entry.kind === 'bail') gesture = undefined;
      else if (entry.kind === 'squash') {
        gesture = undefined;
        const step = edit.undo.at(-1);
        if (step !== undefined && step !== before.undo.at(-1))
          pending.push({ entry: { kind: 'commit', into: 'new', ...step }, after: edit });
      } else if (gesture !== undefined) gesture.push(entry);
      else pending.push({ entry, after: edit });
      show({ edit });
      if (pending.length > 0) void flush(false);
    },
    catchUp: () => void flush(true),
    onChanged({ id, after, lines }) {
      if (isClosed || id !== state.getState().document.id) return;
      // What does not follow was missed; whatever is under way will be told of it.
      if (!receive(after, lines) && underWay === undefined) void flush(true);
    },
    onState({ document }) {
      if (isClosed || document.id !== state.getState().document.id || !document.isOpen) return;
      if (document.isSaved && document.sequence === confirmed.sequence) saved = confirmed.edit.document;
      describe(document);
    },
    shared() {
      if (gesture !== undefined || state.getState().safety === 'refused') return undefined;
      // With nothing on its way, what is shown holds the same: whoever compares documents gets the very object.
      const { document } = pending.length === 0 ? state.getState().edit : confirmed.edit;
      return { document, sequence: confirmed.sequence };
    },
    settle,
    leave() {
      if (pending.length > 0) shelve();
    },
    save: (overwrite = false) =>
      write((sequence) => client.call('document.save', { id: state.getState().document.id, sequence, overwrite })),
    saveAs: (target, overwrite = false) =>
      write((sequence) => client.call('document.saveAs', { id: state.getState().document.id, sequence, target, overwrite })),
    async rename(title) {
      const renamed = await client.call('document.rename', { id: state.getState().document.id, title });
      if (renamed.ok) describe(renamed.value.document);
      return renamed.ok ? ok(renamed.value.document) : renamed;
    },
    async close(keep) {
      if (keep) await settle();
      isClosed = true;
      clearTimeout(retry);
      return client.call('document.close', { id: state.getState().document.id, client: own, keep });
    },
  });
}

/** A pending edit, on top of what was confirmed before it. Carrying it out once more would copy all nodes of a large graph. */
function confirm(before: EditState, { entry, after }: PendingEdit): Result<{ readonly state: EditState }> {
  return after === undefined ? carryOut(before, entry) : ok({ state: stopMerging(after) });
}

function entryOf({ entry }: PendingEdit): JournalEntry {
  return entry;
}

function linesOf(edits: readonly PendingEdit[]): string {
  return edits.map(({ entry }) => writeJournalLine(entry)).join('');
}
