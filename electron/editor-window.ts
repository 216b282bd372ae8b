import { BrowserWindow, dialog, MessageChannelMain, screen } from 'electron';
import { DESKTOP_CHANNELS } from '../host/transports/desktop-bridge.ts';
import { serveMessagePort } from '../host/transports/message-port.ts';
import { CRASH_PATH, type CrashReason, explainCrash } from './crash-page.ts';
import { EDITOR_ADDRESS } from './editor-protocol.ts';
import { guardContents } from './guard-contents.ts';
import { showTextMenu } from './text-menu.ts';
import { texts } from './texts.ts';
import { createWindowService, type SharedService, type WindowService } from './window-service.ts';
import { fitToScreens, readWindowState, type WindowPlace, writeWindowState } from './window-state.ts';

const DEFAULT_PLACE: WindowPlace = { width: 1440, height: 900, isMaximized: false };
const LEAST_SIZE = { minWidth: 640, minHeight: 420 };
/** A second window stands beside the first. */
const CASCADE_PX = 32;

/** One window of the editor. */
export interface EditorWindow {
  readonly window: BrowserWindow;
  readonly service: WindowService;
  /** Gives its page a port of its own; one it had before is closed. */
  connect(): void;
}

/** What a window is opened with. */
export interface WindowParts {
  readonly preload: string;
  readonly statePath: string;
  readonly shared: SharedService;
  readonly isFirst: boolean;
  onBug(error: unknown): void;
}

/** Opens a window on the editor, where the last one was. */
export function openEditorWindow({ preload, statePath, shared, isFirst, onBug }: WindowParts): EditorWindow {
  const saved = readWindowState(statePath);
  const screens = screen.getAllDisplays().map((display) => display.workArea);
  const { isMaximized, ...bounds } = saved === undefined ? DEFAULT_PLACE : fitToScreens(saved, screens);
  const window = new BrowserWindow({
    ...bounds,
    ...(isFirst || bounds.x === undefined || bounds.y === undefined ? {} : { x: bounds.x + CASCADE_PX, y: bounds.y + CASCADE_PX }),
    ...LEAST_SIZE,
    show: false,
    title: texts.app,
    autoHideMenuBar: false,
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, spellcheck: false },
  });
  if (isMaximized) window.maximize();
  window.once('ready-to-show', () => window.show());

  const contents = window.webContents;
  guardContents(contents, window);
  showTextMenu(contents, window);
  const service = createWindowService(shared, window);
  let hangUp: () => void = () => undefined;

  const showCrash = (why: CrashReason): void => {
    if (!window.isDestroyed()) void load(`${EDITOR_ADDRESS.slice(0, -1)}${CRASH_PATH}?why=${why}`);
  };
  /** Being called away by the next address is no fault. */
  const load = (address: string): Promise<void> => window.loadURL(address).catch(() => undefined);
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') showCrash(explainCrash(reason));
  });
  contents.on('did-fail-load', (_event, code, _text, address, isMainFrame) => {
    const ABORTED = -3;
    if (isMainFrame && code !== ABORTED && !address.includes(CRASH_PATH)) showCrash('failed');
  });
  contents.on('preload-error', (_event, _path, error) => onBug(error));
  contents.on('will-prevent-unload', (event) => {
    if (mayLoseEdits(window)) event.preventDefault();
  });
  window.on('unresponsive', () => void askAboutHung(window));
  window.on('close', () => {
    const { x, y, width, height } = window.getNormalBounds();
    writeWindowState(statePath, { x, y, width, height, isMaximized: window.isMaximized() });
  });
  window.on('closed', () => hangUp());
  void load(EDITOR_ADDRESS);

  return {
    window,
    service,
    connect() {
      hangUp();
      const { port1, port2 } = new MessageChannelMain();
      hangUp = () => port1.close();
      serveMessagePort(port1, service, onBug);
      contents.postMessage(DESKTOP_CHANNELS.port, null, [port2]);
    },
  };
}

/** A page keeps its window only for edits that are nowhere else; without a question it could never be closed. */
function mayLoseEdits(window: BrowserWindow): boolean {
  const { ask, detail, stay, close } = texts.unsaved;
  return (
    dialog.showMessageBoxSync(window, { type: 'warning', message: ask, detail, buttons: [stay, close], defaultId: 0, cancelId: 0 }) === 1
  );
}

async function askAboutHung(window: BrowserWindow): Promise<void> {
  const { hung } = texts;
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: hung.ask,
    detail: hung.detail,
    buttons: [hung.wait, hung.reload],
    defaultId: 0,
    cancelId: 0,
  });
  // A page that does not answer does not load anything either: its process has to go first.
  if (response === 1 && !window.isDestroyed()) window.webContents.forcefullyCrashRenderer();
}
