import { join } from 'node:path';
import { app, BrowserWindow, dialog, ipcMain, Menu, protocol, session } from 'electron';
import { z } from 'zod';
import { DESKTOP_CHANNELS } from '../host/transports/desktop-bridge.ts';
import { isEditorAddress, registerEditorScheme, serveEditor } from './editor-protocol.ts';
import { type EditorWindow, openEditorWindow } from './editor-window.ts';
import { guardSession } from './guard-session.ts';
import { describeMenu } from './menu.ts';
import { OPENABLE } from './read-arguments.ts';
import { texts } from './texts.ts';
import type { SharedService } from './window-service.ts';

/** What runs may take to be put away when the program ends. */
const CLOSE_DEADLINE_MS = 3000;
const BUG_EXIT_CODE = 70;
const MOST_RECENT = 15;
/** The list of recent files is written after the document has told what became of it. */
const MENU_DELAY_MS = 400;

/** The host, opened for the desktop. */
export interface DesktopHost extends SharedService {
  close(): Promise<void>;
}

/** What the desktop program is made of. */
export interface DesktopParts {
  /** Where windows, cookies and what Chromium keeps lie; one program at a time has it. */
  readonly userFolder: string;
  readonly editorFolder: string;
  readonly preload: string;
  /** Absolute paths of the files this start was asked to open. */
  readonly files: readonly string[];
  openHost(): Promise<DesktopHost>;
}

const handOver = z.object({ files: z.array(z.string().max(4096)).max(100) });

/** Starts the desktop program, or hands its files to the one that is running. */
export async function startDesktop(parts: DesktopParts): Promise<void> {
  app.setName(texts.app);
  app.setPath('userData', parts.userFolder);
  registerEditorScheme(protocol);
  if (!app.requestSingleInstanceLock({ files: parts.files })) {
    app.quit();
    return;
  }
  const onBug = (error: unknown): void => {
    dialog.showErrorBox(texts.fault.title, texts.fault.body(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    app.exit(BUG_EXIT_CODE);
  };
  process.on('uncaughtException', onBug);

  const windows = new Set<EditorWindow>();
  const early = [...parts.files];
  let openFiles = (paths: readonly string[]): void => void early.push(...paths);
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (OPENABLE.test(path)) openFiles([path]);
  });
  app.on('second-instance', (_event, _argv, _folder, data) => openFiles(handOver.safeParse(data).data?.files ?? []));

  await app.whenReady();
  guardSession(session.defaultSession);
  const host = await parts.openHost();
  serveEditor(protocol, { editorFolder: parts.editorFolder, artifacts: host.service.artifacts });

  const front = (): EditorWindow | undefined => {
    const focused = BrowserWindow.getFocusedWindow();
    return [...windows].find(({ window }) => window === focused) ?? [...windows].at(-1);
  };
  const openWindow = (): EditorWindow => {
    const opened = openEditorWindow({
      preload: parts.preload,
      statePath: join(parts.userFolder, 'window.json'),
      shared: host,
      isFirst: windows.size === 0,
      onBug,
    });
    windows.add(opened);
    opened.window.on('closed', () => windows.delete(opened));
    return opened;
  };
  openFiles = (paths) => {
    const { window, service } = front() ?? openWindow();
    service.openFiles(paths);
    for (const path of paths) app.addRecentDocument(path);
    if (window.isMinimized()) window.restore();
    window.focus();
  };

  const findSender = (event: Electron.IpcMainEvent | Electron.IpcMainInvokeEvent): EditorWindow | undefined => {
    const { senderFrame, sender } = event;
    if (senderFrame === null || senderFrame !== sender.mainFrame || !isEditorAddress(senderFrame.url)) return undefined;
    return [...windows].find(({ window }) => window.webContents === sender);
  };
  ipcMain.on(DESKTOP_CHANNELS.connect, (event) => findSender(event)?.connect());
  ipcMain.handle(DESKTOP_CHANNELS.dropped, (event, path: unknown) => {
    const sender = findSender(event);
    if (sender === undefined) throw new Error('a file can be dropped on the editor only');
    return sender.service.takeDropped(z.string().min(1).max(4096).parse(path));
  });

  const { handlers, subscribe } = host.service;
  const showMenu = async (): Promise<void> => {
    const commands = {
      act: (action: string) => front()?.service.act(action),
      newWindow: () => void openWindow(),
      openRecent: (path: string) => openFiles([path]),
      clearRecent: () => void handlers['recent.clear']({}).then(showMenu),
      about: () => app.showAboutPanel(),
    };
    const recent = await handlers['recent.list']({});
    const files = recent.ok ? recent.value.files.filter((file) => !file.isMissing).slice(0, MOST_RECENT) : [];
    Menu.setApplicationMenu(Menu.buildFromTemplate(describeMenu(commands, files, process.platform === 'darwin')));
  };
  await showMenu();
  // A document that was opened or saved may be a recent file now.
  let menuTimer: NodeJS.Timeout | undefined;
  subscribe(({ name }) => {
    if (name !== 'document.state') return;
    clearTimeout(menuTimer);
    menuTimer = setTimeout(() => void showMenu(), MENU_DELAY_MS);
  });
  app.on('activate', () => {
    if (windows.size === 0) openWindow();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let isClosed = false;
  app.on('will-quit', (event) => {
    if (isClosed) return;
    event.preventDefault();
    isClosed = true;
    setTimeout(() => app.exit(0), CLOSE_DEADLINE_MS);
    void host.close().finally(() => app.exit(0));
  });

  openWindow().service.openFiles(early);
}
