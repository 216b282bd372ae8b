import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeGraph } from '../../graphs/write-graph.ts';
import { makeDocument } from '../e2e/open-test-host.ts';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  editor = await place.open();
  await editor.node('sampler').waitFor();
});
afterAll(() => place.close());

const fold = () => editor.node('sampler').getByRole('button', { name: /settings of Sampler$/ });
const isExpanded = () => fold().getAttribute('aria-expanded');
const fields = () => editor.node('sampler').locator('.param-row').count();
/** How many parameters the row says it hides. */
const hidden = async () => Number(/^(\d+) more settings of Sampler$/.exec((await fold().getAttribute('aria-label')) ?? '')?.[1]);
const unfolded = async (): Promise<unknown> => JSON.parse(await editor.copyGraph()).layout.unfolded;

describe('the row that folds a node’s rarely used parameters away', () => {
  it('says how many there are, of which node, and that they are folded', async () => {
    const name = (await fold().getAttribute('aria-label')) ?? '';
    expect(await hidden()).toBeGreaterThan(1);
    // What is seen is what is said first.
    expect(name.startsWith(await fold().innerText())).toBe(true);
    expect(await isExpanded()).toBe('false');
  });

  it('shows them when it is pressed, as a step of the history that is in the document, and hides them again', async () => {
    const [before, count, more] = [await editor.copyGraph(), await fields(), await hidden()];
    expect(JSON.parse(before).layout.unfolded).toBeUndefined();
    await fold().click();
    await expect.poll(isExpanded).toBe('true');
    expect(await fields()).toBe(count + more);
    expect(await fold().getAttribute('aria-label')).toBe('Fewer settings of Sampler');
    expect(await editor.button('Undo').getAttribute('title')).toMatch(/^Undo: Show all settings of Sampler/);
    expect(await unfolded()).toEqual({ sampler: true });

    await editor.button('Undo').click();
    await expect.poll(isExpanded).toBe('false');
    expect(await fields()).toBe(count);
    expect(await editor.copyGraph()).toBe(before);
    await editor.button('Redo').click();
    await expect.poll(isExpanded).toBe('true');
    await fold().click();
    await expect.poll(isExpanded).toBe('false');
    expect(await editor.button('Undo').getAttribute('title')).toMatch(/^Undo: Show fewer settings of Sampler/);
    expect(await editor.copyGraph()).toBe(before);
  });

  it('does so by keyboard, and keeps the focus', async () => {
    // It comes after the node's last field.
    await editor.node('sampler').locator('.param-row').last().locator('input, select, button').last().focus();
    await editor.page.keyboard.press('Tab');
    const isFocused = () => fold().evaluate((button) => button === document.activeElement);
    expect(await isFocused()).toBe(true);
    await editor.page.keyboard.press('Enter');
    await expect.poll(isExpanded).toBe('true');
    expect(await isFocused()).toBe(true);
    await editor.page.keyboard.press('Space');
    await expect.poll(isExpanded).toBe('false');
    expect(await isFocused()).toBe(true);
  });

  it('hides no parameter that is set', async () => {
    const [count, more] = [await fields(), await hidden()];
    await fold().click();
    await expect.poll(isExpanded).toBe('true');
    const last = editor.node('sampler').locator('.param-row').last();
    const title = await last.locator('label').first().innerText();
    const field = last.locator('input').first();
    await field.fill(String(Number(await field.inputValue()) + 1));
    await editor.page.keyboard.press('Enter');
    await fold().click();
    await expect.poll(isExpanded).toBe('false');
    await expect.poll(fields).toBe(count + 1);
    expect(await editor.node('sampler').getByLabel(title, { exact: true }).count()).toBe(1);
    expect(await hidden()).toBe(more - 1);
    await editor.button('Undo').click();
    await editor.button('Undo').click();
    await expect.poll(isExpanded).toBe('true');
  });

  it('is as it was when the window is loaded anew; axe-core finds nothing in it', async () => {
    await editor.page.reload();
    await editor.node('sampler').waitFor();
    await expect.poll(isExpanded).toBe('true');
    expect(await editor.findAxeViolations()).toEqual([]);
    expect(editor.complaints).toEqual([]);
  });
});

describe('parameters that a mode leaves without effect', () => {
  const titles = () => editor.node('resize').locator('.param-row label').allInnerTexts();

  it('are folded away, and others come as the mode changes', async () => {
    await editor.openGraph(place.files, 'modes', writeGraph(makeDocument({ resize: ['image.resize'] })));
    expect(await titles()).toEqual(['Mode', 'Width', 'Height', 'Kernel']);
    await editor.node('resize').getByLabel('Mode').selectOption('longest');
    await expect.poll(titles).toEqual(['Mode', 'Longest side', 'Kernel']);
    await editor.node('resize').getByRole('button', { name: '3 more settings of Resize Image' }).click();
    await expect.poll(titles).toEqual(['Mode', 'Width', 'Height', 'Scale', 'Longest side', 'Kernel']);
    await editor.button('Undo').click();
    await editor.button('Undo').click();
    await expect.poll(titles).toEqual(['Mode', 'Width', 'Height', 'Kernel']);
    expect(editor.complaints).toEqual([]);
  });
});
