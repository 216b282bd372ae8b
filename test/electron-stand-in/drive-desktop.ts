import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { driveEditor, type EditorPage } from '../browser/drive-editor.ts';
import { type Desktop, makeDroppable } from './launch-desktop.ts';

/** Takes hold of a window of the desktop program: files that are dropped have a place, and are saved in the system's dialog. */
export function driveDesktop(desktop: Desktop, page: Page): EditorPage {
  const editor = driveEditor(page);
  const { drop } = editor;
  let folder = desktop.folder;
  return Object.assign(editor, {
    async drop(from, files) {
      folder = from;
      await mkdir(folder, { recursive: true });
      for (const [name, content] of Object.entries(files)) {
        await writeFile(join(folder, name), content);
        await makeDroppable(desktop, join(folder, name));
      }
      await drop(folder, files);
    },
    async saveAs(name) {
      await desktop.answer('showSaveDialog', { canceled: false, filePath: join(folder, `${name}.emulsion.json`) });
      await desktop.chooseMenu('file.saveAs');
      await page.getByRole('tab', { name, exact: true, selected: true }).waitFor();
    },
  } satisfies Pick<EditorPage, 'drop' | 'saveAs'>);
}

/** The first window, once it shows the editor; and a folder for files. */
export async function openDesktopEditor(desktop: Desktop): Promise<{ readonly editor: EditorPage; readonly files: string }> {
  const [page] = await desktop.pages(1);
  if (page === undefined) throw new Error('the program has no window');
  const editor = driveDesktop(desktop, page);
  await page.locator('[data-node-body], .start-page').first().waitFor();
  return { editor, files: await mkdtemp(join(desktop.folder, 'files-')) };
}
