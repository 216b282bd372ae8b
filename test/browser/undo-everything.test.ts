import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';
import { walkAtRandom } from './random-walk.ts';

const STARTER = fileURLToPath(new URL('../../graphs/templates/starter.json', import.meta.url));

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  editor = await place.open();
});
afterAll(() => place.close());

it('200 things done at random: undo goes back to the first byte of the file, and redo to the last', async () => {
  const { page } = editor;
  const path = join(place.files, 'walk.emulsion.json');
  const save = async (): Promise<string> => {
    await page.keyboard.press('ControlOrMeta+S');
    await page.getByRole('tab', { name: 'walk', exact: true, selected: true }).waitFor();
    return readFile(path, 'utf8');
  };
  const start = await readFile(STARTER, 'utf8');
  await editor.openGraph(place.files, 'dropped', start);
  await editor.saveAs('walk');
  expect(await save()).toBe(start);

  // Less to draw: what is drawn is not what this is about.
  await page.setViewportSize({ width: 900, height: 620 });
  await page.keyboard.press('[');
  await page.keyboard.press(']');
  const seen = await walkAtRandom(editor, 200, 20261127);
  const end = await save();
  const kinds = ['Add note', 'Add frame', 'Align', 'Bypass', 'Collapse', 'Connect', 'Delete', 'Disconnect', 'Duplicate'];
  expect([...seen]).toEqual(expect.arrayContaining([...kinds, 'Change frame', 'Change note', 'Move', 'Mute', 'Paste', 'Rename']));
  expect([...seen].some((step) => /^Change (?!frame|note)/.test(step))).toBe(true);
  await page.locator('.react-flow__pane').click({ position: { x: 8, y: 8 } });
  await pressUntilDisabled('Undo', 'ControlOrMeta+Z');
  expect(await save()).toBe(start);
  await pressUntilDisabled('Redo', 'ControlOrMeta+Shift+Z');
  expect(await save()).toBe(end);
  expect(editor.complaints).toEqual([]);
}, 180_000);

async function pressUntilDisabled(button: string, keys: string): Promise<void> {
  while (await editor.button(button).isEnabled()) for (let times = 0; times < 10; times++) await editor.page.keyboard.press(keys);
}
