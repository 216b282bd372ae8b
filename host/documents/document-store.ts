import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GraphDocument } from '../../graphs/document.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import { explainFileError } from '../../models/file-error.ts';
import { fail, ok, type Problem, type Result, warning } from '../../nodes/problem.ts';
import { makeFolder } from '../store/make-folder.ts';
import { claimFolder, type FolderClaim } from '../store/state-folder.ts';
import { type DocumentInfo, hashContent, readInfo, writeInfo } from './document-info.ts';
import { type AddedLines, type EditSession, openEditSession, textOf } from './edit-session.ts';
import { beginRecovery, peekRecovery, readRecoveryFolder } from './recovery-folder.ts';

const ID = /^[\w-]{1,64}$/;

/** A document as lists and tabs show it. */
export interface DocumentState {
  readonly id: string;
  readonly title: string;
  readonly path: string | null;
  readonly isSaved: boolean;
  readonly isOpen: boolean;
  readonly isElsewhere: boolean;
  readonly sequence: number;
  readonly changedMs: number;
}

/** A document that is open in this process. */
export interface OpenDocument {
  readonly id: string;
  readonly session: EditSession;
  info: DocumentInfo;
  /** The windows that have it. */
  readonly clients: Set<string>;
  /** What reading it found. */
  readonly problems: readonly Problem[];
  changedMs: number;
}

/** What a store tells. */
export interface DocumentListener {
  onAdded(id: string, added: AddedLines): void;
  onState(document: DocumentState): void;
  onProblem(id: string, problem: Problem): void;
}

/** Every document that is open or can be recovered, each in a folder of its own that survives the death of this process. */
export interface DocumentStore {
  /** Begins a document. `file`: it was read from there, or null. */
  create(
    client: string,
    title: string,
    document: GraphDocument,
    from?: { readonly path: string | null; readonly fileHash: string | null; readonly problems: readonly Problem[] },
  ): Promise<Result<OpenDocument>>;
  /** The document of that id, opened from its recovery folder if need be; the window has it from then on. */
  open(id: string, client: string): Promise<Result<OpenDocument>>;
  /** The document of that id, if it is open. */
  find(id: string): Result<OpenDocument>;
  /** An open or recoverable document that belongs to a file. */
  findByPath(path: string): Promise<DocumentState | undefined>;
  close(id: string, client: string, keep: boolean): Promise<Result<void>>;
  /** A window is gone: whatever it had and no other has is let go of, and can be recovered. */
  leave(client: string): Promise<void>;
  forget(id: string): Promise<Result<void>>;
  /** Last changed first. */
  list(): Promise<DocumentState[]>;
  stateOf(document: OpenDocument): DocumentState;
  /** Remembers something about a document and tells it. */
  setInfo(document: OpenDocument, change: Partial<DocumentInfo>): Promise<Result<void>>;
  /** Lets go of everything; all of it can be recovered. */
  closeAll(): Promise<void>;
}

/** A store in a folder, made when the first document begins. */
export function createDocumentStore(root: string, listener: DocumentListener): DocumentStore {
  const open = new Map<string, OpenDocument & { readonly claim: FolderClaim; readonly folder: string }>();
  let last: Promise<unknown> = Promise.resolve();

  /** Opening and closing happen one after another, so that nothing is opened twice. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(act);
    last = next.catch(() => undefined);
    return next;
  };
  const stateOf = ({ id, info, session, changedMs }: OpenDocument): DocumentState => ({
    id,
    title: info.title,
    path: info.path,
    isSaved: info.savedHash !== null && info.savedHash === hashContent(textOf(session)),
    isOpen: true,
    isElsewhere: false,
    sequence: session.sequence,
    changedMs,
  });

  const hold = async (
    id: string,
    client: string,
    info: DocumentInfo,
    read: Awaited<ReturnType<typeof beginRecovery>>,
    claim: FolderClaim,
  ) => {
    const folder = join(root, id);
    const session = await openEditSession(folder, read, {
      onAdded(added) {
        const held = open.get(id);
        if (held !== undefined) held.changedMs = Date.now();
        listener.onAdded(id, added);
      },
      onProblem: (found) => listener.onProblem(id, found),
    });
    const peeked = await peekRecovery(folder);
    const changedMs = peeked?.changedMs ?? Date.now();
    const document = { id, folder, session, info, claim, clients: new Set([client]), problems: read.problems, changedMs };
    open.set(id, document);
    listener.onState(stateOf(document));
    return document;
  };

  const recover = async (id: string, client: string): Promise<Result<OpenDocument>> => {
    const known = open.get(id);
    if (known !== undefined) {
      known.clients.add(client);
      return ok(known);
    }
    const folder = join(root, id);
    if (!ID.test(id) || (await peekRecovery(folder)) === undefined) return unknownDocument();
    const claim = claimFolder(folder);
    if ('takenBy' in claim) {
      return fail('contract.refused', `This document is open in another Emulsion (process ${claim.takenBy}). Close it there first.`);
    }
    try {
      const read = await readRecoveryFolder(folder);
      if (read.ok) return ok(await hold(id, client, await readInfo(folder), read.value, claim));
      claim.release();
      return read;
    } catch (error) {
      claim.release();
      return fail(explainFileError(folder, error));
    }
  };

  const letGo = async (id: string, client: string, keep: boolean): Promise<Result<void>> => {
    const document = open.get(id);
    if (document === undefined) return ok(undefined);
    document.clients.delete(client);
    if (document.clients.size > 0) return ok(undefined);
    open.delete(id);
    await document.session.close();
    document.claim.release();
    if (!keep) await rm(document.folder, { recursive: true, force: true }).catch(() => undefined);
    listener.onState({ ...stateOf(document), isOpen: false });
    return ok(undefined);
  };

  const peek = async (id: string): Promise<DocumentState | undefined> => {
    const known = open.get(id);
    if (known !== undefined) return stateOf(known);
    const folder = join(root, id);
    const peeked = await peekRecovery(folder);
    if (peeked === undefined) return undefined;
    const { title, path, savedSequence } = await readInfo(folder);
    const claim = claimFolder(folder);
    const isElsewhere = 'takenBy' in claim;
    if (!isElsewhere) claim.release();
    return { id, title, path, isSaved: savedSequence === peeked.sequence, isOpen: false, isElsewhere, ...peeked };
  };

  const list = async (): Promise<DocumentState[]> => {
    const names = (await readdir(root).catch(() => [])).filter((name) => ID.test(name));
    const states: DocumentState[] = [];
    for (const name of names) {
      const state = await peek(name);
      if (state !== undefined) states.push(state);
    }
    return states.sort((a, b) => b.changedMs - a.changedMs);
  };

  return {
    stateOf,
    find(id) {
      const found = open.get(id);
      return found === undefined ? unknownDocument() : ok(found);
    },
    create: (client, title, document, from) =>
      inTurn(async () => {
        const id = randomBytes(12).toString('base64url');
        const folder = join(root, id);
        try {
          await makeFolder(folder);
          const claim = claimFolder(folder);
          if ('takenBy' in claim) throw new Error('a new document is nobody else’s');
          const info: DocumentInfo = {
            version: 1,
            title,
            path: from?.path ?? null,
            fileHash: from?.fileHash ?? null,
            savedHash: from?.path == null ? null : hashContent(writeGraph(document)),
            savedSequence: from?.path == null ? null : 0,
          };
          await writeInfo(folder, info);
          const begun = await beginRecovery(folder, document);
          return ok(await hold(id, client, info, { ...begun, problems: from?.problems ?? [] }, claim));
        } catch (error) {
          await rm(folder, { recursive: true, force: true }).catch(() => undefined);
          const found = explainFileError(folder, error);
          return fail(found.code === 'file.diskFull' ? found : { ...found, code: 'file.writeFailed', message: explainNoFolder(root) });
        }
      }),
    open: (id, client) => inTurn(() => recover(id, client)),
    async findByPath(path) {
      const known = [...open.values()].map(stateOf).find((one) => one.path === path);
      return known ?? (await inTurn(list)).find((one) => one.path === path);
    },
    close: (id, client, keep) => inTurn(() => letGo(id, client, keep)),
    leave: (client) =>
      inTurn(async () => {
        for (const { id, folder, clients } of [...open.values()]) {
          if (!clients.has(client)) continue;
          await letGo(id, client, true).catch((error: unknown) => listener.onProblem(id, explainFileError(folder, error)));
        }
      }),
    forget: (id) =>
      inTurn(async () => {
        const state = ID.test(id) ? await peek(id) : undefined;
        if (state?.isOpen || state?.isElsewhere) return fail('contract.refused', 'This document is open. Close it first.');
        if (ID.test(id)) await rm(join(root, id), { recursive: true, force: true }).catch(() => undefined);
        return ok(undefined);
      }),
    list: () => inTurn(list),
    async setInfo(document, change) {
      const held = open.get(document.id);
      if (held === undefined) return unknownDocument();
      held.info = { ...held.info, ...change };
      try {
        await writeInfo(held.folder, held.info);
      } catch (error) {
        const found = explainFileError(held.folder, error);
        listener.onProblem(held.id, warning(found.code, `Emulsion could not remember where this document is saved. ${found.message}`));
      }
      listener.onState(stateOf(held));
      return ok(undefined);
    },
    closeAll: () =>
      inTurn(async () => {
        for (const { session, claim } of open.values()) {
          await session.close();
          claim.release();
        }
        open.clear();
      }),
  };
}

function unknownDocument(): Result<never> {
  return fail('file.missing', 'There is no such document any more: it was closed, or its recovery copy was deleted.');
}

function explainNoFolder(root: string): string {
  return `Documents can't be kept safe in ${root}: it can't be written. Change its permissions, or name another folder in EMULSION_STATE_DIR.`;
}
