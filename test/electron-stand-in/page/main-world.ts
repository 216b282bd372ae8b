// Runs in the page's own world, before the page's scripts.
import { bridgeWorlds, OPEN_EVENT } from './world-bridge.ts';

bridgeWorlds('main');

// Electron asks the program before there is a window; Chromium would make one first, which may take this page's thread with it.
const askToOpen = (url: string): void => {
  window.dispatchEvent(new CustomEvent(OPEN_EVENT, { detail: new URL(url, location.href).href }));
};
window.open = (url = 'about:blank') => {
  askToOpen(String(url));
  return null;
};
window.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (event.defaultPrevented || link === null || link.target === '' || link.target === '_self') return;
  event.preventDefault();
  askToOpen(link.href);
});

// Electron drops, without a word, port messages that transfer anything but ports. Here it is loud.
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (message: unknown, options?: StructuredSerializeOptions | Transferable[]): void {
  const transfer = Array.isArray(options) ? options : (options?.transfer ?? []);
  if (transfer.some((one) => !(one instanceof MessagePort))) throw new Error('stand-in: Electron drops port messages with a transfer list');
  post.call(this, message, { transfer });
};
