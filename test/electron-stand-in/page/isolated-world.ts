// Runs in a world of its own, before the page's scripts: the preload script with Electron's renderer side around it.
import { decodeClone, encodeClone } from '../clone-codec.ts';
import type { FromMain, FromPage, PageSettings } from '../page-protocol.ts';
import { bridgeWorlds, OPEN_EVENT } from './world-bridge.ts';

declare const STAND_IN_SETTINGS: PageSettings;
declare const STAND_IN_PRELOAD: ((require: (name: string) => unknown, module: { exports: unknown }, process: unknown) => void) | undefined;

type Listener = (event: { readonly ports: readonly MessagePort[] }, ...args: readonly unknown[]) => void;

const settings = STAND_IN_SETTINGS;
const bridge = bridgeWorlds('isolated');
const listeners = new Map<string, Listener[]>();
const invocations = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
const ports = new Map<string, MessagePort>();
const unsent: Uint8Array<ArrayBuffer>[] = [];
let lastId = 0;

const socket = new WebSocket(
  `ws://${location.host}/stand-in/socket?contents=${settings.contents}&secret=${settings.secret}&url=${encodeURIComponent(location.href)}`,
);
socket.binaryType = 'arraybuffer';
socket.addEventListener('open', () => {
  for (const frame of unsent.splice(0)) socket.send(frame);
});
socket.addEventListener('message', ({ data }) => receive(decodeClone(new Uint8Array(data as ArrayBuffer)) as FromMain)); // the rig's own server

function send(message: FromPage): void {
  const frame = encodeClone(message);
  if (socket.readyState === WebSocket.OPEN) socket.send(frame);
  else unsent.push(frame);
}

function receive(message: FromMain): void {
  switch (message.kind) {
    case 'send':
      for (const listener of listeners.get(message.channel) ?? []) listener({ ports: message.ports.map(openPort) }, ...message.args);
      return;
    case 'result': {
      const invocation = invocations.get(message.id);
      invocations.delete(message.id);
      if (message.error === undefined) invocation?.resolve(message.value);
      else invocation?.reject(new Error(message.error));
      return;
    }
    case 'port':
      ports.get(message.id)?.postMessage(message.data);
      return;
    case 'portClosed':
      ports.get(message.id)?.close();
      ports.delete(message.id);
      return;
    default:
      message satisfies never;
  }
}

/** The page gets one end; the other is wired to the main process. */
function openPort(id: string): MessagePort {
  const { port1, port2 } = new MessageChannel();
  ports.set(id, port2);
  port2.addEventListener('message', ({ data }) => send({ kind: 'port', id, data }));
  port2.addEventListener('close', () => ports.delete(id) && send({ kind: 'portClosed', id }));
  port2.start();
  return port1;
}

const ipcRenderer = {
  send: (channel: string, ...args: unknown[]) => send({ kind: 'send', channel, args }),
  invoke: (channel: string, ...args: unknown[]) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      invocations.set(lastId, { resolve, reject });
      send({ kind: 'invoke', id: lastId, channel, args });
    }),
  on(channel: string, listener: Listener) {
    listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
    return ipcRenderer;
  },
};

/** Electron knows where a file lies; the rig knows it of those that a test has named. */
function getPathForFile(file: File): string {
  const request = new XMLHttpRequest();
  request.open('GET', `/stand-in/path?secret=${settings.secret}&name=${encodeURIComponent(file.name)}&size=${file.size}`, false);
  request.send();
  return request.responseText;
}

const electron = new Proxy<Record<string, unknown>>(
  { ipcRenderer, contextBridge: { exposeInMainWorld: bridge.expose }, webUtils: { getPathForFile } },
  {
    get(target, name) {
      if (typeof name !== 'string' || name === '__esModule') return undefined;
      if (name in target) return target[name];
      throw new Error(`stand-in: electron.${name} is not modelled in a page`);
    },
  },
);

window.addEventListener(OPEN_EVENT, (event) => send({ kind: 'open', url: (event as CustomEvent<string>).detail })); // main-world.ts sends it

// Electron gives the page every key first, and its menu those that nobody wanted.
window.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey, shiftKey, defaultPrevented }) => {
  if (!defaultPrevented && (ctrlKey || metaKey || altKey)) send({ kind: 'key', key: { key, ctrlKey, metaKey, altKey, shiftKey } });
});

const require = (name: string): unknown => {
  if (name === 'electron') return electron;
  throw new Error(`module not found: ${name}. A sandboxed preload script has electron and nothing else.`);
};
try {
  if (typeof STAND_IN_PRELOAD === 'function')
    STAND_IN_PRELOAD(require, { exports: {} }, { platform: settings.platform, type: 'renderer', sandboxed: true });
} catch (error) {
  send({ kind: 'preloadError', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
