import { afterAll, beforeAll } from 'vitest';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';
import { describeSharedDocument } from './shared-document.ts';

let place: EditorPlace;
let one: EditorPage;
let two: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  one = await place.open();
  two = await place.open();
});
afterAll(() => place.close());

describeSharedDocument(() => ({
  one,
  two,
  files: place.files,
  async open({ page }, name) {
    await page.keyboard.press('ControlOrMeta+O');
    const dialog = page.getByRole('dialog', { name: 'Open a graph' });
    await dialog.getByRole('button', { name: 'files' }).click();
    await dialog.getByRole('option', { name: new RegExp(`^${name}`) }).dblclick();
    await page.getByRole('tab', { name: new RegExp(`^${name}`), selected: true }).waitFor();
  },
  close: ({ page }) => page.context().close(),
}));
