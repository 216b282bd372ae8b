import type { CallArgs, CallName, CallResult, ContractClient, EventName, EventPayload } from '../../host/contract.ts';
import { fail, type Result } from '../../nodes/problem.ts';
import { texts } from '../texts.ts';
import type { Connection } from './connect-host.ts';

/** A client that finds its host again: what it listens to goes on after the host was restarted. */
export interface ReconnectingClient extends ContractClient {
  /** Told at once how it stands, then every change, until the function returned is called. */
  watch(listener: (isConnected: boolean) => void): () => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4000;

/** Connects, and connects again after every loss, with growing pauses. */
export function createReconnectingClient(connect: () => Promise<Connection>): ReconnectingClient {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const watchers = new Set<(isConnected: boolean) => void>();
  let client: ContractClient | undefined;
  let isClosed = false;
  let pauseMs = FIRST_PAUSE_MS;

  const tell = (): void => {
    for (const watcher of watchers) watcher(client !== undefined);
  };
  const retry = (): void => {
    if (isClosed) return;
    setTimeout(() => void open(), pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  };
  const open = async (): Promise<void> => {
    const connection = await connect().catch(() => undefined);
    if (connection === undefined) return retry();
    if (isClosed) return connection.client.close();
    client = connection.client;
    pauseMs = FIRST_PAUSE_MS;
    for (const name of listeners.keys()) listen(connection.client, name);
    tell();
    await connection.lost;
    client = undefined;
    tell();
    retry();
  };
  const listen = (to: ContractClient, name: EventName): void => {
    to.on(name, (payload) => {
      // Each set holds listeners of its own event only.
      for (const listener of listeners.get(name) ?? []) (listener as (payload: unknown) => void)(payload);
    });
  };
  void open();

  return {
    call<N extends CallName>(name: N, args: CallArgs<N>): Promise<Result<CallResult<N>>> {
      return client === undefined ? Promise.resolve(fail('contract.closed', texts.status.disconnectedLong)) : client.call(name, args);
    },
    on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void) {
      const known = listeners.get(name);
      const those = known ?? new Set();
      listeners.set(name, those.add(listener as (payload: never) => void)); // given only payloads of this name
      if (known === undefined && client !== undefined) listen(client, name);
      return () => those.delete(listener as (payload: never) => void); // as above
    },
    watch(listener) {
      watchers.add(listener);
      listener(client !== undefined);
      return () => watchers.delete(listener);
    },
    close() {
      isClosed = true;
      client?.close();
    },
  };
}
