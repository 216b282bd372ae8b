import { afterAll, beforeAll, expect, it } from 'vitest';
import { everyControl } from '../e2e/every-control-node.ts';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace({ nodes: 'test' });
  editor = await place.open();
});
afterAll(() => place.close());

it('a node that the editor has never heard of is found, has its controls from its schema alone, and runs', async () => {
  const { page } = editor;
  await page.getByRole('main').getByRole('button', { name: 'New graph' }).click();
  await page.getByRole('main', { name: 'Canvas' }).waitFor();
  await page.keyboard.press('Shift+A');
  await page.getByRole('dialog', { name: 'Add node' }).getByRole('combobox').fill('evry contrl');
  await page.keyboard.press('Enter');
  const node = page.getByRole('group', { name: everyControl.title });
  const control = (title: string) => node.getByLabel(title, { exact: true });
  await control('Amount').fill('11');
  // What the schema does not allow is refused where it is typed.
  expect(await control('Amount').getAttribute('aria-invalid')).toBe('true');
  await control('Amount').fill('7');
  await page.keyboard.press('Enter');
  await control('Strength').fill('0.25');
  await control('Words').fill('an apple');
  await control('Mode').selectOption({ label: 'Fancy' });
  await control('Loud').click();
  await control('Seed').fill('42');
  expect(await control('Tint').count()).toBeGreaterThan(0);
  await page.keyboard.press('Escape');
  const { nodes } = JSON.parse(await editor.copyGraph());
  const [[id, made]] = Object.entries<{ params: object }>(nodes) as [[string, { params: object }]]; // it is the only one
  expect(made.params).toEqual({ amount: 7, strength: 0.25, words: 'an apple', mode: 'fancy', isLoud: true, seed: '42', tint: '#ff0000' });
  await editor.socket(id, 'output', 'text').waitFor();
  await page.keyboard.press('ControlOrMeta+Enter');
  await editor.outcome(/Done in/).waitFor();
  await node.locator('[data-status="fresh"]').waitFor();
  expect(editor.complaints).toEqual([]);
});
