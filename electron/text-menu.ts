import { type BrowserWindow, Menu, type MenuItemConstructorOptions, type WebContents } from 'electron';

const ITEMS: readonly MenuItemConstructorOptions[] = [
  { role: 'undo' },
  { role: 'redo' },
  { type: 'separator' },
  { role: 'cut' },
  { role: 'copy' },
  { role: 'paste' },
  { role: 'selectAll' },
];

/** Text fields have the menu that they have everywhere; the editor has its own for everything else. */
export function showTextMenu(contents: WebContents, window: BrowserWindow): void {
  contents.on('context-menu', (_event, { isEditable, selectionText }) => {
    if (isEditable) Menu.buildFromTemplate([...ITEMS]).popup({ window });
    else if (selectionText !== '') Menu.buildFromTemplate([{ role: 'copy' }]).popup({ window });
  });
}
