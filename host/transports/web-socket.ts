import type { ContractClient, ContractService } from '../contract.ts';
import { connectChannel } from './connect-channel.ts';
import { decodeFrame, encodeFrame } from './frame.ts';
import type { MessageChannel } from './messages.ts';
import { serveChannel } from './serve-channel.ts';

/** What is needed of a WebSocket: a browser's and the ws package's both fit. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
}

const CONNECTING = 0;
const OPEN = 1;

/** A client that has not read this much yet gets no more work in progress: only the latest counts, and it is late already. */
const MOST_UNREAD_BYTES = 4 * 2 ** 20;

/** Serves one client over its socket. */
export function serveWebSocket(socket: WebSocketLike, service: ContractService, onBug: (error: unknown) => void): void {
  serveChannel(createChannel(socket), service, onBug);
}

/** A client over a socket that is open or opening. */
export function connectWebSocket(socket: WebSocketLike): ContractClient {
  return connectChannel(createChannel(socket));
}

function createChannel(socket: WebSocketLike): MessageChannel {
  socket.binaryType = 'arraybuffer';
  const unsent: unknown[] = [];
  const send = (message: unknown): void => {
    if (socket.readyState !== OPEN) return;
    if (socket.bufferedAmount > MOST_UNREAD_BYTES && isFleeting(message)) return;
    socket.send(encodeFrame(message));
  };
  if (socket.readyState === CONNECTING) socket.addEventListener('open', () => unsent.splice(0).forEach(send));
  return {
    send(message) {
      if (socket.readyState === CONNECTING) unsent.push(message);
      else send(message);
    },
    listen(onMessage, onClose) {
      let isClosed = false;
      const close = (): void => {
        if (!isClosed) onClose();
        isClosed = true;
      };
      socket.addEventListener('message', ({ data }) => {
        const decoded =
          typeof data === 'string' ? decodeFrame(data) : data instanceof ArrayBuffer ? decodeFrame(new Uint8Array(data)) : undefined;
        if (decoded === undefined) socket.close();
        else onMessage(decoded.message);
      });
      socket.addEventListener('close', close);
      socket.addEventListener('error', close);
    },
    close: () => socket.close(),
  };
}

function isFleeting(message: unknown): boolean {
  if (typeof message !== 'object' || message === null || !('name' in message)) return false;
  return message.name === 'run.preview' || message.name === 'run.progress';
}
