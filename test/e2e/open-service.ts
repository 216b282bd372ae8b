import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { ContractClient, EventName, EventPayload, NamedEvent } from '../../host/contract.ts';
import { EVENTS } from '../../host/contract.ts';
import { createService, type HostService } from '../../host/create-service.ts';
import { type RunningServer, serve } from '../../host/server/serve.ts';
import { connectInMemory } from '../../host/transports/in-memory.ts';
import { connectWebSocket } from '../../host/transports/web-socket.ts';
import { unwrap } from '../unwrap.ts';
import { buildTestEvaluator, makeDocument, openTestHost, type TestHost } from './open-test-host.ts';

/** A client with every event it has been given. */
export interface WatchingClient extends ContractClient {
  readonly events: NamedEvent[];
  /** Resolves with the first event that fits, past ones included. */
  next<N extends EventName>(name: N, fits?: (payload: EventPayload<N>) => boolean): Promise<EventPayload<N>>;
}

/** A service over test nodes in a folder of its own, with a server that lets clients in. */
export interface TestService {
  readonly test: TestHost;
  readonly service: HostService;
  readonly server: RunningServer;
  /** Faults inside calls. */
  readonly bugs: unknown[];
  connect(transport: 'in-memory' | 'web-socket'): Promise<WatchingClient>;
  /** A socket of somebody who knows the token. */
  openSocket(): Promise<WebSocket>;
  close(): Promise<void>;
}

/** Opens one. */
export async function openTestService(): Promise<TestService> {
  const test = await openTestHost(await buildTestEvaluator());
  const outFolder = join(test.folder, 'out');
  const templatesFolder = join(test.folder, 'templates');
  await mkdir(templatesFolder);
  const service = createService(test.host, { policy: test.policy, outFolder, templatesFolder, stateFolder: null });
  const bugs: unknown[] = [];
  const server = unwrap(
    await serve(service, { host: '127.0.0.1', port: 0, editorFolder: join(test.folder, 'editor'), onBug: (bug) => bugs.push(bug) }),
  );
  const openSocket = async (): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/socket`, { headers: { authorization: `Bearer ${server.token}` } });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return socket;
  };
  return {
    test,
    service,
    server,
    bugs,
    openSocket,
    connect: async (transport) =>
      watch(transport === 'in-memory' ? connectInMemory(service, (bug) => bugs.push(bug)) : connectWebSocket(await openSocket())),
    async close() {
      await server.close();
      await service.close();
      await test.close();
    },
  };
}

function watch(client: ContractClient): WatchingClient {
  const events: NamedEvent[] = [];
  const listeners = new Set<() => void>();
  for (const name of Object.keys(EVENTS) as EventName[]) {
    client.on(name, (payload) => {
      events.push({ name, payload } as NamedEvent); // the pair that `on` gives
      for (const listener of listeners) listener();
    });
  }
  return {
    ...client,
    events,
    next: (name, fits = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find((event) => event.name === name && fits(event.payload as EventPayload<typeof name>)); // the name says which
          if (found === undefined) return;
          listeners.delete(look);
          resolve(found.payload as EventPayload<typeof name>); // as above
        };
        listeners.add(look);
        look();
      }),
  };
}

/** Graphs as the texts that travel. */
export const GRAPHS = {
  quick: writeGraph(makeDocument({ work: ['test.steps', { count: 2 }] })),
  long: writeGraph(makeDocument({ work: ['test.steps', { count: 10_000, stepMs: 10 }] })),
  stubborn: writeGraph(makeDocument({ work: ['test.steps', { count: 10_000, stepMs: 20, cooperative: false }] })),
  picture: writeGraph(
    makeDocument({ p: ['test.picture', { size: 4 }], save: ['test.save', { name: 'dot' }], show: ['test.show'] }, [
      'p.image > save.image',
      'p.image > show.image',
    ]),
  ),
} as const;
