import type { MenuItemConstructorOptions } from 'electron';
import { texts } from './texts.ts';

/** What a menu leads to. */
export interface MenuCommands {
  /** Does in the front window what the window calls this. */
  act(action: string): void;
  newWindow(): void;
  openRecent(path: string): void;
  clearRecent(): void;
  about(): void;
}

/** A file in the list of recent ones. */
export interface RecentEntry {
  readonly path: string;
  readonly title: string;
}

/** The menu bar. The editor hears its shortcuts itself, so that here they are only shown. */
export function describeMenu(commands: MenuCommands, recent: readonly RecentEntry[], isMac: boolean): MenuItemConstructorOptions[] {
  const t = texts.menu;
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const action = (label: string, id: string, keys?: string): MenuItemConstructorOptions => ({
    id,
    label,
    ...(keys === undefined ? {} : { accelerator: keys, registerAccelerator: false }),
    click: () => commands.act(id),
  });
  /** On a Mac, text fields know these keys only through a menu item with the role; elsewhere they know them by themselves. */
  const edit = (
    label: string,
    id: string,
    role: NonNullable<MenuItemConstructorOptions['role']>,
    keys: string,
  ): MenuItemConstructorOptions => (isMac ? { id, label, role } : action(label, id, keys));

  const recentItems: MenuItemConstructorOptions[] =
    recent.length === 0
      ? [{ label: t.noRecent, enabled: false }]
      : [
          ...recent.map(({ path, title }) => ({ label: escapeLabel(title), toolTip: path, click: () => commands.openRecent(path) })),
          separator,
          { label: t.clearRecent, click: () => commands.clearRecent() },
        ];

  return [
    ...(isMac ? [{ role: 'appMenu' } satisfies MenuItemConstructorOptions] : []),
    {
      label: t.file,
      submenu: [
        action(t.newDocument, 'file.new', 'CmdOrCtrl+N'),
        { id: 'newWindow', label: t.newWindow, accelerator: 'CmdOrCtrl+Shift+N', click: () => commands.newWindow() },
        action(t.open, 'file.open', 'CmdOrCtrl+O'),
        { id: 'recent', label: t.recent, submenu: recentItems },
        separator,
        action(t.save, 'file.save', 'CmdOrCtrl+S'),
        action(t.saveAs, 'file.saveAs', 'CmdOrCtrl+Shift+S'),
        separator,
        action(t.exportGraph, 'file.export'),
        action(t.exportPicture, 'file.exportPicture'),
        action(t.exportPage, 'file.exportPage'),
        separator,
        action(t.closeTab, 'file.close', 'CmdOrCtrl+W'),
        { label: t.close, role: 'close', accelerator: 'CmdOrCtrl+Shift+W' },
        ...(isMac ? [] : [{ label: t.quit, role: 'quit', accelerator: 'Ctrl+Q' } satisfies MenuItemConstructorOptions]),
      ],
    },
    {
      label: t.edit,
      submenu: [
        edit(t.undo, 'edit.undo', 'undo', 'CmdOrCtrl+Z'),
        edit(t.redo, 'edit.redo', 'redo', 'CmdOrCtrl+Shift+Z'),
        separator,
        edit(t.cut, 'edit.cut', 'cut', 'CmdOrCtrl+X'),
        edit(t.copy, 'edit.copy', 'copy', 'CmdOrCtrl+C'),
        edit(t.paste, 'edit.paste', 'paste', 'CmdOrCtrl+V'),
        action(t.duplicate, 'edit.duplicate', 'CmdOrCtrl+D'),
        action(t.remove, 'edit.delete'),
        edit(t.selectAll, 'edit.selectAll', 'selectAll', 'CmdOrCtrl+A'),
      ],
    },
    {
      label: t.run,
      submenu: [
        action(t.runGraph, 'run', 'CmdOrCtrl+Enter'),
        action(t.runSelection, 'run.selection', 'CmdOrCtrl+Shift+Enter'),
        separator,
        action(t.cancel, 'run.cancel', 'CmdOrCtrl+.'),
        action(t.stop, 'run.stop'),
        separator,
        action(t.autoRun, 'run.auto'),
      ],
    },
    {
      label: t.view,
      submenu: [
        action(t.palette, 'view.palette', 'CmdOrCtrl+K'),
        separator,
        action(t.fit, 'view.fit'),
        action(t.zoomIn, 'view.zoomIn'),
        action(t.zoomOut, 'view.zoomOut'),
        separator,
        { label: t.larger, role: 'zoomIn' },
        { label: t.smaller, role: 'zoomOut' },
        { label: t.normal, role: 'resetZoom' },
        { label: t.fullScreen, role: 'togglefullscreen' },
        separator,
        { label: t.reload, role: 'reload', accelerator: 'CmdOrCtrl+Shift+R' },
        { label: t.tools, role: 'toggleDevTools' },
      ],
    },
    ...(isMac ? [{ role: 'windowMenu' } satisfies MenuItemConstructorOptions] : []),
    {
      label: t.help,
      role: 'help',
      submenu: [action(t.guide, 'view.palette'), ...(isMac ? [] : [{ label: t.about, click: () => commands.about() }])],
    },
  ];
}

/** In a menu, & marks the next letter as the one to press. */
function escapeLabel(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '�')
    .replaceAll('&', '&&')
    .slice(0, 120);
}
