import type { ContractClient } from '../../host/contract.ts';
import { connectWebSocket } from '../../host/transports/web-socket.ts';

/** A client whose connection stands, and the end of it. */
export interface Connection {
  readonly client: ContractClient;
  /** Resolves when the connection has gone. */
  readonly lost: Promise<void>;
}

/** Connects to the host that served this page, over its WebSocket; the cookie it has set lets us in. */
export function connectHost(location: Location): Promise<Connection> {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}/socket`);
  const client = connectWebSocket(socket);
  return new Promise((resolve, reject) => {
    const lost = new Promise<void>((end) => {
      socket.addEventListener('close', () => end());
    });
    socket.addEventListener('open', () => resolve({ client, lost }));
    socket.addEventListener('error', () => reject(new Error('the host does not answer')));
  });
}
