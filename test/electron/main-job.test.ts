import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildShipped } from '../browser/build-shipped.ts';
import type { EditorPage } from '../browser/drive-editor.ts';
import { doByKeyboard, doByMouse, expectRefusal } from '../browser/main-job.ts';
import { openDesktopEditor } from '../electron-stand-in/drive-desktop.ts';
import { type Desktop, launchDesktop } from '../electron-stand-in/launch-desktop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let desktop: Desktop;
let editor: EditorPage;
beforeAll(async () => {
  await buildShipped();
  desktop = await launchDesktop({ entry: `${root}dist/electron/main.mjs` });
  ({ editor } = await openDesktopEditor(desktop));
  await editor.node('sampler').waitFor();
});
afterAll(() => desktop.close());

describe('the desktop program as it is shipped', () => {
  it('refuses a wire that does not fit with a sentence', () => expectRefusal(editor));

  it('lets a graph be built from nothing by keyboard alone, through the outline, and shows its picture', async () => {
    await doByKeyboard(editor);
  });

  it('and by mouse', async () => {
    await doByMouse(editor);
    expect(editor.complaints).toEqual([]);
    expect(desktop.stderr()).toBe('');
  });
});
