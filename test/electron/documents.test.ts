import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { buildShipped } from '../browser/build-shipped.ts';
import { describeDamagedDrops } from '../browser/damaged-drops.ts';
import type { EditorPage } from '../browser/drive-editor.ts';
import { describeSharedDocument } from '../browser/shared-document.ts';
import { driveDesktop, openDesktopEditor } from '../electron-stand-in/drive-desktop.ts';
import { type Desktop, launchDesktop } from '../electron-stand-in/launch-desktop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let desktop: Desktop;
let editor: EditorPage;
let files: string;
beforeAll(async () => {
  await buildShipped();
  desktop = await launchDesktop({ entry: `${root}dist/electron/main.mjs` });
  ({ editor, files } = await openDesktopEditor(desktop));
});
afterAll(async () => {
  const said = desktop.stderr();
  await desktop.close();
  expect(said).toBe('');
});

describe('in the desktop program', () => {
  describeDamagedDrops(() => ({ editor, files }));
});

describe('in two windows of the desktop program', () => {
  let other: EditorPage;
  beforeAll(async () => {
    await editor.page.keyboard.press('ControlOrMeta+Shift+N');
    const page = (await desktop.pages(2)).find((one) => one !== editor.page);
    if (page === undefined) throw new Error('the program has no second window');
    other = driveDesktop(desktop, page);
    await page.locator('[data-node-body], .start-page').first().waitFor();
  });
  // The first window stays: the program would end with its last one.
  describeSharedDocument(() => ({
    one: other,
    two: editor,
    files,
    async open({ page }, name) {
      await desktop.answer('showOpenDialog', { canceled: false, filePaths: [join(files, `${name}.emulsion.json`)] });
      await page.keyboard.press('ControlOrMeta+O');
      await page.getByRole('tab', { name: new RegExp(`^${name}`), selected: true }).waitFor();
    },
    async close({ page }) {
      const closed = page.waitForEvent('close');
      await page.keyboard.press('Control+Shift+W').catch(() => undefined); // it may be gone before the keys are up
      await closed;
    },
  }));
});
