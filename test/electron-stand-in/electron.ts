// What `import … from 'electron'` gives in the main process. Everything else that Electron has is not modelled: it is not exported.
import { EventEmitter } from 'node:events';
import { App } from './app.ts';
import { BrowserWindow, type NativeImage } from './browser-window.ts';
import { type OwnChromium, startChromium } from './chromium.ts';
import { IpcMain } from './ipc-main.ts';
import { Menu, MenuItem } from './menu.ts';
import { MessageChannelMain } from './message-ports.ts';
import { startRigServer } from './rig-server.ts';
import { Protocol, Session } from './session.ts';

declare const STAND_IN_WORLDS: { readonly main: string; readonly isolated: string };

const server = await startRigServer();
const defaultSession = new Session();
const windows = new Set<BrowserWindow>();
let chromium: OwnChromium | undefined;
let announce: (address: string) => void = () => undefined;

/** What tests look at and set up; not part of Electron. */
export const rig = {
  server,
  windows,
  /** Answers for dialogs, in order. One that is missing is a fault: nothing can pop up here. */
  answers: [] as { readonly dialog: string; readonly answer: unknown }[],
  /** Calls that would be seen outside of the program. */
  calls: [] as { readonly name: string; readonly args: readonly unknown[] }[],
  displays: [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
  /** Where other DevTools clients connect, once the program has waited to be ready. */
  devTools: new Promise<string>((resolve) => {
    announce = resolve;
  }),
};

export const ipcMain = new IpcMain();
export const protocol = new Protocol(server);
export const session = { defaultSession };

export const app = new App({
  server,
  async start() {
    chromium = await startChromium();
    BrowserWindow.parts = {
      server,
      session: defaultSession,
      ipcMain,
      cdp: chromium.cdp,
      mainWorld: STAND_IN_WORLDS.main,
      isolatedWorld: STAND_IN_WORLDS.isolated,
      windows,
    };
    server.onSocket = (contents, socket, url) =>
      [...windows].find(({ webContents }) => webContents.id === contents)?.webContents.connect(socket, url);
    const { browser } = chromium.cdp;
    browser.on('Target.targetDestroyed', ({ targetId }: { targetId: string }) =>
      [...windows].find((one) => one.targetId === targetId)?.onGone(),
    );
    await browser.send('Target.setDiscoverTargets', { discover: true });
    protocol.isReady = true;
    announce(chromium.address);
  },
  async closeWindows() {
    for (const window of windows) if (!(await window.close())) return false;
    return true;
  },
  async stop() {
    await chromium?.close();
  },
});

/** Electron tells the app when the last window has gone. */
class AppWindow extends BrowserWindow {
  constructor(...args: ConstructorParameters<typeof BrowserWindow>) {
    super(...args);
    this.once('all-closed', () => app.emit('window-all-closed'));
  }
}

Menu.onRole = (role, window) => {
  if (role === 'quit') app.quit();
  else if (role === 'close' && window instanceof BrowserWindow) void window.close();
  else if (role === 'reload' && window instanceof BrowserWindow) window.webContents.reload();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());

const record =
  (name: string, value?: unknown) =>
  async (...args: unknown[]): Promise<unknown> => {
    rig.calls.push({ name, args });
    return value;
  };
const answerOf = (name: string, options: unknown): unknown => {
  rig.calls.push({ name, args: [options] });
  const at = rig.answers.findIndex((one) => one.dialog === name);
  if (at < 0) throw new Error(`stand-in: ${name} was opened, and no answer was set up for it`);
  return rig.answers.splice(at, 1)[0]?.answer;
};
const scripted =
  (name: string) =>
  async (...args: unknown[]): Promise<unknown> =>
    answerOf(name, args.at(-1));

export const dialog = {
  showOpenDialog: scripted('showOpenDialog'),
  showSaveDialog: scripted('showSaveDialog'),
  showMessageBox: scripted('showMessageBox'),
  showMessageBoxSync: (...args: unknown[]): unknown => answerOf('showMessageBoxSync', args.at(-1)),
  showErrorBox(title: string, content: string): void {
    rig.calls.push({ name: 'showErrorBox', args: [title, content] });
    process.stderr.write(`${title}\n${content}\n`);
  },
};
export const shell = {
  openExternal: record('openExternal'),
  showItemInFolder(path: string): void {
    rig.calls.push({ name: 'showItemInFolder', args: [path] });
  },
};
/** Electron's own reads PNG and JPEG; this one only PNG, and keeps what it was given. */
export const nativeImage = {
  createFromBuffer(bytes: Buffer): NativeImage {
    const isPng = bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n';
    return { isEmpty: () => !isPng, getSize: () => ({ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }) };
  },
};
BrowserWindow.onDrag = ({ file, icon }) => rig.calls.push({ name: 'startDrag', args: [{ file, icon: icon.getSize() }] });
export const screen = Object.assign(new EventEmitter(), { getAllDisplays: () => rig.displays });
export { AppWindow as BrowserWindow, Menu, MenuItem, MessageChannelMain };
