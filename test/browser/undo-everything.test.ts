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

it('Undo and Redo beyond the ends of the history change nothing, whatever was typed before', async () => {
  const { page } = editor;
  await editor.openGraph(place.files, 'typed', await readFile(STARTER, 'utf8'));
  const [prompt, other] = ['positive', 'negative'].map((id) => editor.node(id).getByRole('textbox', { name: 'Prompt' }));
  if (prompt === undefined || other === undefined) throw new Error('the starter graph has two prompts');
  const leave = (): Promise<void> => page.locator('.react-flow__pane').click({ position: { x: 8, y: 8 } });
  const press = async (keys: string, times: number): Promise<void> => {
    for (let time = 0; time < times; time++) await page.keyboard.press(keys);
  };
  await other.focus();
  await page.keyboard.type('55');
  await leave();
  await press('ControlOrMeta+Z', 1);
  await expect.poll(() => other.inputValue()).toBe('');
  await press('ControlOrMeta+Z', 3);
  // The browser's own undo would go into the field that was typed in last.
  expect(await page.evaluate('document.activeElement?.tagName')).toBe('BODY');
  await press('ControlOrMeta+Shift+Z', 3);
  await expect.poll(() => other.inputValue()).toBe('55');
  // In a field it is the document's, too: it reaches no other field behind the history's back.
  await prompt.focus();
  await press('ControlOrMeta+Z', 1);
  await expect.poll(() => other.inputValue()).toBe('');
  await press('ControlOrMeta+Z', 3);
  await press('ControlOrMeta+Shift+Z', 3);
  await expect.poll(() => other.inputValue()).toBe('55');
  expect(await prompt.inputValue()).toBe('a red apple');
  expect(await editor.button('Redo').isEnabled()).toBe(false);
});

async function pressUntilDisabled(button: string, keys: string): Promise<void> {
  while (await editor.button(button).isEnabled()) for (let times = 0; times < 10; times++) await editor.page.keyboard.press(keys);
}
