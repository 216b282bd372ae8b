import type { ContractClient, ContractService } from '../contract.ts';
import { connectChannel } from './connect-channel.ts';
import type { MessageChannel } from './messages.ts';
import { serveChannel } from './serve-channel.ts';

/** A client in the same process, for tests and the command line. Everything is copied on the way, as between processes. */
export function connectInMemory(service: ContractService, onBug: (error: unknown) => void): ContractClient {
  const [near, far] = createPair();
  serveChannel(far, service, onBug);
  return connectChannel(near);
}

function createPair(): [MessageChannel, MessageChannel] {
  const ends = [createEnd(), createEnd()] as const;
  const close = (): void => {
    for (const end of ends) end.onClose();
  };
  const channel = (own: End, other: End): MessageChannel => ({
    send(message) {
      const copy = structuredClone(message);
      queueMicrotask(() => other.onMessage(copy));
    },
    listen(onMessage, onClose) {
      own.onMessage = onMessage;
      own.onClose = once(onClose);
    },
    close,
  });
  return [channel(ends[0], ends[1]), channel(ends[1], ends[0])];
}

interface End {
  onMessage(message: unknown): void;
  onClose(): void;
}

function createEnd(): End {
  return { onMessage: () => undefined, onClose: () => undefined };
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
