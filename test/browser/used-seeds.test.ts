import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeGraph } from '../../graphs/write-graph.ts';
import { makeDocument } from '../e2e/open-test-host.ts';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

const GRAPH = writeGraph(makeDocument({ work: ['test.everyControl', {}] }));

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace({ nodes: 'test' });
  editor = await place.open();
  await editor.openGraph(place.files, 'mine', GRAPH);
});
afterAll(() => place.close());

const field = (label: string) => editor.node('work').getByLabel(label, { exact: true });

/** Runs with a seed; what comes of it does not matter. */
async function runWith(seed: string): Promise<void> {
  await field('Seed').fill(seed);
  await editor.page.keyboard.press('Enter');
  await editor.button('Run').click();
  await editor.outcome(/^Done in/).waitFor();
}

/** The seeds that are offered, newest first. */
async function offered(): Promise<string[]> {
  await editor.node('work').getByRole('button', { name: 'Seeds used before' }).click();
  const items = editor.page.getByRole('menu').getByRole('menuitem');
  await items.first().waitFor();
  const seeds = await items.allInnerTexts();
  await editor.page.keyboard.press('Escape');
  await editor.page.getByRole('menu').waitFor({ state: 'detached' });
  return seeds;
}

it('seeds that runs have used are offered, in this window and in the next, by document', async () => {
  await runWith('11');
  await runWith('22');
  expect(await offered()).toEqual(['22', '11']);

  await editor.page.reload();
  await editor.node('work').waitFor();
  expect(await offered()).toEqual(['22', '11']);

  // Saved under a name it has them still, and when it is closed and opened again.
  await editor.saveAs('kept');
  await runWith('33');
  expect(await offered()).toEqual(['33', '22', '11']);
  await editor.page.keyboard.press('ControlOrMeta+S');
  await editor.page.getByRole('tab', { name: 'kept', exact: true }).waitFor();
  await editor.command('Close tab');
  await editor.page.getByRole('tab', { name: /^kept/ }).waitFor({ state: 'detached' });
  await editor.command('Start page');
  await editor.page.locator('.start-file', { hasText: 'kept' }).first().click();
  await editor.page.getByRole('tab', { name: /^kept/, selected: true }).waitFor();
  expect(await offered()).toEqual(['33', '22', '11']);

  // Another document has none of them.
  await editor.openGraph(place.files, 'other', GRAPH);
  expect(await editor.node('work').getByRole('button', { name: 'Seeds used before' }).isDisabled()).toBe(true);
  expect(editor.complaints).toEqual([]);
});

it('one that is chosen is the seed again', async () => {
  await editor.page.getByRole('tab', { name: /^kept/ }).click();
  await editor.node('work').getByRole('button', { name: 'Seeds used before' }).click();
  await editor.page.getByRole('menuitem', { name: '11', exact: true }).click();
  await expect.poll(() => field('Seed').inputValue()).toBe('11');
});
