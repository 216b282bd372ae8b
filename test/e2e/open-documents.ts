import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { commit, type EditState, type JournalEntry, startEditing } from '../../graphs/history.ts';
import { writeJournalLine } from '../../graphs/journal.ts';
import { readRecovery } from '../../graphs/recovery.ts';
import type { CallResult, ContractClient } from '../../host/contract.ts';
import { createService, type HostService, type ServiceSettings } from '../../host/create-service.ts';
import { type RunningServer, serve } from '../../host/server/serve.ts';
import { connectInMemory } from '../../host/transports/in-memory.ts';
import { connectWebSocket } from '../../host/transports/web-socket.ts';
import { unwrap } from '../unwrap.ts';
import { openTestHost, type TestHost } from './open-test-host.ts';

/** A service with documents in a state folder, which may be started anew over the same one. */
export interface DocumentHost {
  readonly folder: string;
  readonly stateFolder: string;
  /** What clients may read and write. */
  readonly allowed: string;
  readonly service: HostService;
  connect(transport?: 'in-memory' | 'web-socket'): Promise<ContractClient>;
  /** Ends the service and starts another over the same state. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Opens one in a folder of its own. No evaluator is ever started. */
export async function openDocumentHost(settings: Partial<ServiceSettings> = {}): Promise<DocumentHost> {
  const folder = await mkdtemp(join(tmpdir(), 'emulsion-documents-'));
  const [allowed, stateFolder] = [join(folder, 'allowed'), join(folder, 'state')];
  await mkdir(allowed);
  const test: TestHost = await openTestHost('no-evaluator', { folder });
  const bugs: unknown[] = [];
  const open = (): HostService =>
    createService(test.host, {
      policy: { ...test.policy, baseFolders: [allowed] },
      outFolder: join(folder, 'out'),
      templatesFolder: join(import.meta.dirname, '../../graphs/templates'),
      stateFolder,
      ...settings,
    });
  let service = open();
  let server: RunningServer | undefined;
  const close = async (): Promise<void> => {
    await server?.close();
    server = undefined;
    await service.close();
  };
  return {
    folder,
    stateFolder,
    allowed,
    get service() {
      return service;
    },
    async connect(transport = 'in-memory') {
      if (transport === 'in-memory') return connectInMemory(service, (bug) => bugs.push(bug));
      server ??= unwrap(await serve(service, { host: '127.0.0.1', port: 0, onBug: (bug) => bugs.push(bug) }));
      const { port, token } = server;
      return connectWebSocket(new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: { authorization: `Bearer ${token}` } }));
    },
    async restart() {
      await close();
      service = open();
    },
    async close() {
      await close();
      await test.close();
      await rm(folder, { recursive: true, force: true });
      if (bugs.length > 0) throw new Error('a call stopped with a bug', { cause: bugs[0] });
    },
  };
}

/** What a window makes of an opened document. */
export function rebuild(opened: Pick<CallResult<'document.open'>, 'base' | 'journal'>): EditState {
  return unwrap(readRecovery(opened.base, opened.journal)).state;
}

/** An edit as a window makes it: the state after it and the line that it sends. */
export function setTitle(
  state: EditState,
  title: string,
  label = `Title ${title}`,
): { state: EditState; line: string; entry: JournalEntry } {
  const { state: next, entry } = unwrap(
    commit(state, label, (draft) => {
      draft.meta = { ...draft.meta, title };
      return { ok: true, value: null };
    }),
  );
  if (entry === undefined) throw new Error('the title was that already');
  return { state: next, line: writeJournalLine(entry), entry };
}

/** An edit on an empty document, for those who need only the line. */
export function firstEdit(title: string): string {
  return setTitle(startEditing({ format: 'emulsion', version: 1, nodes: {}, edges: {} }), title).line;
}
