import { z } from 'zod';

/** What a client sends. */
export const clientMessage = z.object({ kind: z.literal('call'), id: z.number().int(), name: z.string(), args: z.unknown().optional() });

/** What a host sends. `result` is a Result; its value and `payload` are checked by name on arrival. */
export const serverMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answer'), id: z.number().int(), result: z.unknown() }),
  z.object({ kind: z.literal('event'), name: z.string(), payload: z.unknown() }),
]);
export type ServerMessage = z.infer<typeof serverMessage>;

/** A way for messages to come and go. What is sent is copied: nobody shares memory with the other side. */
export interface MessageChannel {
  send(message: unknown): void;
  /** Both are called from now on; `onClose` once. */
  listen(onMessage: (message: unknown) => void, onClose: () => void): void;
  close(): void;
}
