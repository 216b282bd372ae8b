import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

const STARTER = fileURLToPath(new URL('../../graphs/templates/starter.json', import.meta.url));

let place: EditorPlace;
let one: EditorPage;
let two: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  one = await place.open();
  await one.openGraph(place.files, 'dropped', await readFile(STARTER, 'utf8'));
  await one.saveAs('shared');
  two = await place.open();
});
afterAll(() => place.close());

const steps = (of: EditorPage) => of.node('sampler').getByLabel('Steps', { exact: true });
const guidance = (of: EditorPage) => of.node('sampler').getByLabel('Guidance', { exact: true });
/** Opens the saved file as a person does. */
async function openShared(of: EditorPage): Promise<void> {
  await of.page.keyboard.press('ControlOrMeta+O');
  const dialog = of.page.getByRole('dialog', { name: 'Open a graph' });
  await dialog.getByRole('button', { name: 'files' }).click();
  await dialog.getByRole('option', { name: /^shared/ }).dblclick();
  await of.page.getByRole('tab', { name: /^shared/, selected: true }).waitFor();
}
const set = async (of: EditorPage, field: typeof steps, value: string): Promise<void> => {
  await field(of).fill(value);
  await of.page.keyboard.press('Enter');
};

describe('one file in two windows', () => {
  it('is one document: each sees what the other does', async () => {
    await openShared(two);
    await set(one, steps, '7');
    await expect.poll(() => steps(two).inputValue()).toBe('7');
    await set(two, guidance, '2');
    await expect.poll(() => guidance(one).inputValue()).toBe('2');
    expect(await one.copyGraph()).toBe(await two.copyGraph());
  });

  it('loses nothing where both edit at the same moment', async () => {
    await Promise.all([set(one, steps, '11'), set(two, guidance, '6')]);
    for (const window of [one, two]) {
      await expect.poll(async () => [await steps(window).inputValue(), await guidance(window).inputValue()]).toEqual(['11', '6']);
    }
  });

  it('takes back in one window what was done in the other', async () => {
    await two.node('decode').click({ position: { x: 30, y: 8 } });
    await two.page.keyboard.press('Delete');
    await one.node('decode').waitFor({ state: 'detached' });
    await one.page.keyboard.press('ControlOrMeta+Z');
    await two.node('decode').waitFor();
    expect(await one.copyGraph()).toBe(await two.copyGraph());
  });

  it('is saved by either, and then unsaved in neither', async () => {
    await two.page.keyboard.press('ControlOrMeta+S');
    for (const window of [one, two]) await window.page.getByRole('tab', { name: 'shared', exact: true }).waitFor();
    const saved = JSON.parse(await readFile(`${place.files}/shared.emulsion.json`, 'utf8'));
    expect(saved.nodes.sampler.params).toMatchObject({ steps: 11, guidance: 6 });
    expect(saved.nodes.decode).toBeDefined();
  });
});

describe('a window that is closed', () => {
  it('is let go of: its document is offered, and no longer said to be open elsewhere', async () => {
    await one.openGraph(place.files, 'alone', await readFile(STARTER, 'utf8'));
    await set(one, steps, '9');
    await two.command('Start page');
    const item = two.page.locator('.start-file', { hasText: 'alone' });
    await expect.poll(() => item.innerText()).toContain('open in another window');
    await one.page.context().close();
    await expect.poll(() => item.innerText(), { timeout: 20_000 }).toContain('never saved');
    await item.click();
    await two.page.getByRole('tab', { name: /^alone/, selected: true }).waitFor();
    expect(await steps(two).inputValue()).toBe('9');
    await two.page.keyboard.press('ControlOrMeta+Z');
    await expect.poll(() => steps(two).inputValue()).toBe('20');
    expect(two.complaints).toEqual([]);
  });
});
