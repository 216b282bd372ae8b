import type { ContractClient } from '../../host/contract.ts';
import { connectWebSocket } from '../../host/transports/web-socket.ts';
import { connectDesktop, findDesktop } from './connect-desktop.ts';

/** A client whose connection stands, and the end of it. */
export interface Connection {
  readonly client: ContractClient;
  /** Resolves when the connection has gone. */
  readonly lost: Promise<void>;
}

/** Connects to the host: of the desktop program around this page, else the one that served it. */
export function connectHost(location: Location): Promise<Connection> {
  const desktop = findDesktop(window);
  return desktop === undefined ? connectServer(location) : connectDesktop(desktop);
}

/** Over the WebSocket of the server that sent this page; the cookie it has set lets us in. */
function connectServer(location: Location): Promise<Connection> {
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
