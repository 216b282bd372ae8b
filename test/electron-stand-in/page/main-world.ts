// Runs in the page's own world, before the page's scripts.
import { bridgeWorlds } from './world-bridge.ts';

bridgeWorlds('main');

// Electron drops, without a word, port messages that transfer anything but ports. Here it is loud.
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (message: unknown, options?: StructuredSerializeOptions | Transferable[]): void {
  const transfer = Array.isArray(options) ? options : (options?.transfer ?? []);
  if (transfer.some((one) => !(one instanceof MessagePort))) throw new Error('stand-in: Electron drops port messages with a transfer list');
  post.call(this, message, { transfer });
};
