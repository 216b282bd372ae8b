import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { WebSocket } from 'ws';
import { makeEvent } from './app.ts';
import type { CdpConnection, CdpSession } from './cdp.ts';
import { decodeClone, encodeClone } from './clone-codec.ts';
import type { IpcMain } from './ipc-main.ts';
import { Menu } from './menu.ts';
import type { MessagePortMain } from './message-ports.ts';
import type { FromMain, FromPage, PageSettings } from './page-protocol.ts';
import type { RigServer } from './rig-server.ts';
import { PERMISSIONS, type Session } from './session.ts';

/** What a window is made with, as far as it is modelled. */
export interface WindowOptions {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly show?: boolean;
  readonly title?: string;
  readonly webPreferences?: {
    readonly preload?: string;
    readonly sandbox?: boolean;
    readonly contextIsolation?: boolean;
    readonly nodeIntegration?: boolean;
    readonly webSecurity?: boolean;
  };
}

/** What every window needs of the rig. */
export interface WindowParts {
  readonly server: RigServer;
  readonly session: Session;
  readonly ipcMain: IpcMain;
  readonly cdp: CdpConnection;
  /** Scripts for the two worlds of a page, bundled. */
  readonly mainWorld: string;
  readonly isolatedWorld: string;
  readonly windows: Set<BrowserWindow>;
}

/** A picture as the system has it. */
export interface NativeImage {
  isEmpty(): boolean;
  getSize(): { readonly width: number; readonly height: number };
}

/** A file that is dragged out of a window. */
export interface DraggedFile {
  readonly file: string;
  readonly icon: NativeImage;
}

type OpenHandler = (details: { readonly url: string }) => { readonly action: 'allow' | 'deny' };

/** Electron's webContents: one page. */
export class WebContents extends EventEmitter {
  readonly id: number;
  readonly session: Session;
  readonly mainFrame: { readonly url: string };
  readonly #parts: WindowParts;
  readonly #window: BrowserWindow;
  readonly #ports = new Map<string, MessagePortMain>();
  #target: CdpSession | undefined;
  #socket: WebSocket | undefined;
  #url = '';
  #ownAddress = '';
  #openHandler: OpenHandler = () => ({ action: 'allow' });
  static #lastId = 0;

  constructor(window: BrowserWindow, parts: WindowParts) {
    super();
    WebContents.#lastId += 1;
    this.id = WebContents.#lastId;
    this.#parts = parts;
    this.#window = window;
    this.session = parts.session;
    const getUrl = (): string => this.getURL();
    this.mainFrame = {
      get url() {
        return getUrl();
      },
    };
  }

  getURL(): string {
    return this.#parts.server.toProgram(this.#url);
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  /** Nothing but a refusal is modelled. */
  #openWindow(url: string): void {
    const { action } = this.#openHandler({ url: this.#parts.server.toProgram(url) });
    if (action !== 'deny') throw new Error('stand-in: a window that opens another window is not modelled');
  }

  send(channel: string, ...args: unknown[]): void {
    this.#post({ kind: 'send', channel, args, ports: [] });
  }

  postMessage(channel: string, message: unknown, transfer: readonly MessagePortMain[] = []): void {
    const ids = transfer.map((port, at) => {
      const id = `${this.id}-${this.#ports.size}-${at}-${Date.now()}`;
      this.#ports.set(id, port);
      port.moveTo({
        send: (data) => this.#post({ kind: 'port', id, data }),
        close: () => {
          this.#ports.delete(id);
          this.#post({ kind: 'portClosed', id });
        },
      });
      return id;
    });
    this.#post({ kind: 'send', channel, args: [message], ports: ids });
  }

  async executeJavaScript(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#page.send<{ result: { value?: unknown }; exceptionDetails?: { text: string } }>(
      'Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true, userGesture: true },
    );
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return result.value;
  }

  /** Nothing outside of the window can take it here. */
  startDrag(dragged: DraggedFile): void {
    if (!isAbsolute(dragged.file) || dragged.icon.isEmpty()) throw new Error("Must specify non-empty 'icon' option");
    BrowserWindow.onDrag(dragged);
  }

  forcefullyCrashRenderer(): void {
    void this.#page.send('Page.crash').catch(() => undefined);
  }

  reload(): void {
    void this.#page.send('Page.reload');
  }

  /** Binds a page to this: the scripts of both worlds, requests and what becomes of its process. */
  async attach(target: CdpSession, preload: string | undefined): Promise<void> {
    const { server, session, mainWorld, isolatedWorld } = this.#parts;
    this.#target = target;
    const settings: PageSettings = { contents: this.id, secret: server.secret, platform: process.platform };
    const wrapped =
      preload === undefined ? 'undefined' : `function (require, module, process) { const exports = module.exports; ${preload}\n}`;
    const isolated = `{ const STAND_IN_SETTINGS = ${JSON.stringify(settings)}; const STAND_IN_PRELOAD = ${wrapped}; ${isolatedWorld}\n}`;
    target.on('Fetch.requestPaused', (paused: { requestId: string; resourceType: string; request: { url: string } }) => {
      void this.#judgeRequest(paused, session.mayRequest(server.toProgram(paused.request.url)));
    });
    target.on('Page.frameNavigated', ({ frame }: { frame: { parentId?: string; url: string } }) => {
      if (frame.parentId === undefined) this.#url = frame.url;
    });
    target.on('Page.domContentEventFired', () => this.#window.emit('ready-to-show'));
    target.on('Inspector.targetCrashed', () => {
      this.#dropPorts();
      this.emit('render-process-gone', makeEvent({}), { reason: 'crashed', exitCode: 133 });
    });
    await target.send('Page.enable');
    await target.send('Inspector.enable');
    await target.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorld });
    await target.send('Page.addScriptToEvaluateOnNewDocument', { source: isolated, worldName: 'electron-stand-in' });
    await target.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
  }

  async navigate(address: string): Promise<void> {
    const url = this.#parts.server.toPage(address);
    await this.#grantPermissions(url);
    this.#ownAddress = url;
    const { errorText } = await this.#page.send<{ errorText?: string }>('Page.navigate', { url });
    if (errorText !== undefined && errorText !== 'net::ERR_ABORTED') {
      this.emit('did-fail-load', makeEvent({}), -2, errorText, address, true);
      throw new Error(`${errorText} loading '${address}'`);
    }
  }

  /** The isolated world of a new page has come; it may be here before the browser has told of the page. */
  connect(socket: WebSocket, url: string): void {
    this.#dropPorts();
    this.#url = url;
    this.#socket = socket;
    socket.on('close', () => {
      if (this.#socket === socket) this.#dropPorts();
    });
    socket.on('message', (data: Buffer) => this.#receive(decodeClone(data) as FromPage)); // the rig's own page
  }

  get #page(): CdpSession {
    if (this.#target === undefined) throw new Error('stand-in: the window is not there yet');
    return this.#target;
  }

  #post(message: FromMain): void {
    this.#socket?.send(encodeClone(message));
  }

  #receive(message: FromPage): void {
    const { ipcMain } = this.#parts;
    const event = makeEvent({ sender: this, senderFrame: this.mainFrame });
    switch (message.kind) {
      case 'send':
        ipcMain.emit(message.channel, event, ...message.args);
        return;
      case 'invoke':
        ipcMain.invoke(message.channel, event, message.args).then(
          (value) => this.#post({ kind: 'result', id: message.id, value }),
          (error: unknown) =>
            this.#post({ kind: 'result', id: message.id, error: `Error invoking remote method '${message.channel}': ${error}` }),
        );
        return;
      case 'port':
        this.#ports.get(message.id)?.peer?.deliver(message.data);
        return;
      case 'portClosed':
        this.#ports.get(message.id)?.peer?.onPeerClosed();
        this.#ports.delete(message.id);
        return;
      case 'open':
        this.#openWindow(message.url);
        return;
      case 'key':
        Menu.getApplicationMenu()?.press(message.key, this.#window);
        return;
      case 'preloadError':
        this.emit('preload-error', makeEvent({}), 'preload', new Error(message.message));
        return;
      default:
        message satisfies never;
    }
  }

  async #judgeRequest(
    { requestId, resourceType, request }: { requestId: string; resourceType: string; request: { url: string } },
    isAllowed: boolean,
  ) {
    const url = this.#parts.server.toProgram(request.url);
    // Addresses of the program's own go unasked, as in Electron.
    const event = makeEvent({ url });
    if (resourceType === 'Document' && request.url !== this.#ownAddress) this.emit('will-navigate', event, url);
    if (resourceType === 'Document') this.#ownAddress = '';
    const isRig = new URL(request.url).pathname.startsWith('/stand-in/');
    if (event.defaultPrevented || !(isAllowed || isRig))
      await this.#page.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' }).catch(() => undefined);
    else await this.#page.send('Fetch.continueRequest', { requestId }).catch(() => undefined);
  }

  async #grantPermissions(url: string): Promise<void> {
    const { cdp, session, server } = this.#parts;
    for (const [name, chromium] of PERMISSIONS) {
      const setting = session.mayUse(this, name, server.toProgram(url)) ? 'granted' : 'denied';
      await cdp.browser
        .send('Browser.setPermission', { permission: { name: chromium }, setting, origin: new URL(url).origin })
        .catch(() => undefined);
    }
  }

  #dropPorts(): void {
    for (const port of this.#ports.values()) port.peer?.onPeerClosed();
    this.#ports.clear();
    this.#socket = undefined;
  }

  /** The window has gone. */
  detach(): void {
    this.#dropPorts();
  }
}

/** Electron's window: a page in a window of its own. */
export class BrowserWindow extends EventEmitter {
  static parts: WindowParts;
  static onDrag: (dragged: DraggedFile) => void = () => undefined;
  static #focused: BrowserWindow | undefined;
  readonly options: WindowOptions;
  readonly webContents: WebContents;
  /** Resolves when the page is there. */
  readonly isOpen: Promise<void>;
  targetId = '';
  isShown = false;
  #isDestroyed = false;
  #isMaximized = false;
  #isMinimized = false;
  bounds: { x: number; y: number; width: number; height: number };

  constructor(options: WindowOptions = {}) {
    super();
    const { preload, sandbox, contextIsolation, nodeIntegration, webSecurity } = options.webPreferences ?? {};
    if (sandbox === false || contextIsolation === false || nodeIntegration === true || webSecurity === false) {
      throw new Error('stand-in: only windows with a sandbox, an isolated preload script and web security are modelled');
    }
    if (preload !== undefined && !isAbsolute(preload)) throw new Error(`preload script must have absolute path: ${preload}`);
    this.options = options;
    const { x = 0, y = 0, width = 800, height = 600 } = options;
    this.bounds = { x, y, width, height };
    this.isShown = options.show !== false;
    this.webContents = new WebContents(this, BrowserWindow.parts);
    BrowserWindow.parts.windows.add(this);
    BrowserWindow.#focused = this;
    this.isOpen = this.#open(preload);
  }

  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.parts.windows];
  }

  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.#focused ?? null;
  }

  async loadURL(address: string): Promise<void> {
    await this.isOpen;
    await this.webContents.navigate(address);
  }

  show(): void {
    this.isShown = true;
  }

  focus(): void {
    BrowserWindow.#focused = this;
  }

  maximize(): void {
    this.#isMaximized = true;
  }

  isMaximized(): boolean {
    return this.#isMaximized;
  }

  minimize(): void {
    this.#isMinimized = true;
  }

  isMinimized(): boolean {
    return this.#isMinimized;
  }

  restore(): void {
    this.#isMinimized = false;
  }

  setBounds(bounds: Partial<typeof this.bounds>): void {
    this.bounds = { ...this.bounds, ...bounds };
  }

  getNormalBounds(): typeof this.bounds {
    return this.bounds;
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  /** False when the program wants it to stay. */
  async close(): Promise<boolean> {
    const event = makeEvent({});
    this.emit('close', event);
    if (event.defaultPrevented) return false;
    await this.isOpen.catch(() => undefined);
    await BrowserWindow.parts.cdp.browser.send('Target.closeTarget', { targetId: this.targetId }).catch(() => undefined);
    this.onGone();
    return true;
  }

  /** The page is not there any more, by whatever means. */
  onGone(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    BrowserWindow.parts.windows.delete(this);
    if (BrowserWindow.#focused === this) BrowserWindow.#focused = BrowserWindow.getAllWindows().at(-1);
    this.webContents.detach();
    this.emit('closed');
    if (BrowserWindow.parts.windows.size === 0) this.emit('all-closed');
  }

  async #open(preload: string | undefined): Promise<void> {
    const { cdp } = BrowserWindow.parts;
    const { width, height } = this.bounds;
    const { targetId } = await cdp.browser.send<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
      newWindow: true,
      width,
      height,
    });
    this.targetId = targetId;
    await this.webContents.attach(await cdp.attach(targetId), preload === undefined ? undefined : readFileSync(preload, 'utf8'));
  }
}
