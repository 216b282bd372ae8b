import { z } from 'zod';
import type { ContractClient, ContractService } from '../contract.ts';
import { connectChannel } from './connect-channel.ts';
import type { MessageChannel } from './messages.ts';
import { serveChannel } from './serve-channel.ts';

/** What is needed of a port in a page. */
export interface PagePort {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
}

/** What is needed of a port in Electron's main process. */
export interface MainPort {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
  on(type: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(type: 'close', listener: () => void): unknown;
}

/** A client that has not looked at this many pieces of work in progress gets no more: only the latest counts, and it is late already. */
const MOST_UNSEEN = 8;

/** `seen`: how many fleeting messages the other side has dealt with since it last said so. */
const envelope = z.object({
  message: z.unknown().optional(),
  isFleeting: z.boolean().exactOptional(),
  seen: z.number().int().min(1).exactOptional(),
});

/** Serves one client over its port. */
export function serveMessagePort(port: MainPort, service: ContractService, onBug: (error: unknown) => void): void {
  const listen = (onData: (data: unknown) => void, onClose: () => void): void => {
    port.on('message', ({ data }) => onData(data));
    port.on('close', onClose);
  };
  serveChannel(createChannel(port, listen), service, onBug);
}

/** A client over a port that a page was given. */
export function connectMessagePort(port: PagePort): ContractClient {
  const listen = (onData: (data: unknown) => void, onClose: () => void): void => {
    port.addEventListener('message', ({ data }) => onData(data));
    port.addEventListener('close', onClose);
  };
  return connectChannel(createChannel(port, listen));
}

/**
 * Nothing is ever transferred: Electron drops, without a word, a message whose bytes are. A port does not tell how much of what was sent
 * is still unread, so the other side says when it has dealt with what may be left out.
 */
function createChannel(
  port: Pick<PagePort, 'postMessage' | 'start' | 'close'>,
  listen: (onData: (data: unknown) => void, onClose: () => void) => void,
): MessageChannel {
  let unseen = 0;
  let isClosed = false;
  const post = (data: z.input<typeof envelope>): void => {
    if (!isClosed) port.postMessage(data);
  };
  return {
    send(message) {
      if (!isFleeting(message)) return post({ message: withOwnBytes(message) });
      if (unseen >= MOST_UNSEEN) return;
      unseen += 1;
      post({ message: withOwnBytes(message), isFleeting: true });
    },
    listen(onMessage, onClose) {
      const close = (): void => {
        if (!isClosed) onClose();
        isClosed = true;
      };
      listen((data) => {
        const parsed = envelope.safeParse(data);
        if (!parsed.success) {
          port.close();
          close();
          return;
        }
        const { message, isFleeting: wantsSeen, seen } = parsed.data;
        if (seen !== undefined) unseen = Math.max(0, unseen - seen);
        else onMessage(message);
        if (wantsSeen === true) post({ seen: 1 });
      }, close);
      port.start();
    },
    close() {
      isClosed = true;
      port.close();
    },
  };
}

/** Bytes in memory of their own: a clone takes along everything that a view lies in. */
function withOwnBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value);
  if (Array.isArray(value)) return value.map(withOwnBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withOwnBytes(one)]));
}

function isFleeting(message: unknown): boolean {
  if (typeof message !== 'object' || message === null || !('name' in message)) return false;
  return message.name === 'run.preview' || message.name === 'run.progress';
}
