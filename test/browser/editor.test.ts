import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

let place: EditorPlace;
let editor: EditorPage;
// What is open is remembered by the server, so each test has its own.
beforeEach(async () => {
  place = await openEditorPlace();
  editor = await place.open();
});
afterEach(() => place.close());

const button = (name: string) => editor.page.getByRole('button', { name, exact: true });
const status = () => editor.page.getByRole('status').filter({ hasText: /Done in/ });
const edges = () => editor.page.locator('.react-flow__edge');
const savedPictures = async () => (await readdir(join(place.place.folder, 'out')).catch(() => [])).filter((name) => name.endsWith('.png'));

describe('the first picture', () => {
  it('is one press of Run away, and every wire ends where its sockets are', async () => {
    expect(await edges().count()).toBe(11);
    // Nodes are filled in one after the other.
    await expect.poll(async () => Math.max(...(await editor.page.evaluate(measureGaps)))).toBeLessThan(3);

    await button('Run').click();
    await status().waitFor();
    expect(await savedPictures()).toContain('picture.png');
    const picture = editor.node('save').locator('img');
    await picture.waitFor();
    expect(
      await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => [image.naturalWidth, image.naturalHeight])),
    ).toEqual([512, 512]);
    await editor.page.getByRole('tab', { name: 'Gallery' }).click();
    await editor.page.locator('.gallery-picture').first().waitFor();
    await editor.page.getByRole('tab', { name: 'Queue' }).click();
    await editor.page.getByText('First picture').nth(1).waitFor();
    expect(editor.complaints).toEqual([]);
  });
});

describe('wiring by mouse', () => {
  it('says why a wire does not fit, and draws none', async () => {
    const before = await edges().count();
    await editor.dragWire(editor.socket('checkpoint', 'output', 'vae'), editor.socket('sampler', 'input', 'model'), { drop: false });
    await editor.page.getByText(/its input Model wants model, and gets VAE/).waitFor();
    await editor.page.mouse.up();
    expect(await edges().count()).toBe(before);
  });

  it('draws a wire that fits, over the one that was there, as one step', async () => {
    await editor.dragWire(editor.socket('negative', 'output', 'conditioning'), editor.socket('sampler', 'input', 'positive'));
    expect(await sourcesOf('sampler', 'positive')).toEqual(['negative']);
    await editor.page.keyboard.press('ControlOrMeta+Z');
    expect(await sourcesOf('sampler', 'positive')).toEqual(['positive']);
  });
});

describe('undo', () => {
  it('takes back adding, typing, moving, bypassing and deleting, to the same bytes', async () => {
    const { page } = editor;
    const before = await editor.copyGraph();
    await page.keyboard.press('Shift+A');
    await page.keyboard.type('resize image');
    await page.keyboard.press('Enter');
    await editor.node('sampler').getByLabel('Steps', { exact: true }).fill('7');
    await page.keyboard.press('Enter');
    await editor.node('decode').click({ position: { x: 30, y: 8 } });
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ControlOrMeta+B');
    await page.keyboard.press('Delete');
    await editor.node('decode').waitFor({ state: 'detached' });
    const changed = JSON.parse(await editor.copyGraph());
    expect(changed.nodes.sampler.params.steps).toBe(7);
    expect(Object.values<{ type: string }>(changed.nodes).map(({ type }) => type)).toContain('image.resize');

    while (await button('Undo').isEnabled()) await button('Undo').click();
    expect(await editor.copyGraph()).toBe(before);
    while (await button('Redo').isEnabled()) await button('Redo').click();
    expect(JSON.parse(await editor.copyGraph())).toEqual(changed);
    expect(editor.complaints).toEqual([]);
  });
});

describe('without a mouse', () => {
  it('builds and wires a graph through the outline, and runs it', async () => {
    const { page } = editor;
    await page.keyboard.press('ControlOrMeta+K');
    await page.keyboard.type('Show outline');
    await page.keyboard.press('Enter');
    const outline = page.getByRole('list', { name: 'Nodes' });
    await outline.getByRole('button', { name: /^Save Image/ }).press('Delete');
    await editor.node('save').waitFor({ state: 'detached' });
    await page.keyboard.press('Shift+A');
    await page.keyboard.type('preview');
    await page.keyboard.press('Enter');
    await editor.node('preview').waitFor();
    await page.getByLabel('Connect Image from').selectOption({ label: 'VAE Decode Image' });
    await page.keyboard.press('ControlOrMeta+Enter');
    await status().waitFor();
    await page.locator('.node img').first().waitFor();
  });
});

describe('a server that is killed', () => {
  it('has lost nothing when it is back: neither the last edit nor the steps before it', async () => {
    const { page } = editor;
    await editor.node('sampler').getByLabel('Steps', { exact: true }).fill('9');
    await page.keyboard.press('Enter');
    await editor.node('decode').click({ position: { x: 30, y: 8 } });
    await page.keyboard.press('Delete');
    await editor.node('decode').waitFor({ state: 'detached' });
    const before = await editor.copyGraph();
    await place.killAndRestart();
    const again = await place.open();
    await again.node('sampler').waitFor();
    expect(await again.copyGraph()).toBe(before);
    await again.page.keyboard.press('ControlOrMeta+Z');
    await again.node('decode').waitFor();
    await again.page.keyboard.press('ControlOrMeta+Z');
    await expect.poll(async () => JSON.parse(await again.copyGraph()).nodes.sampler.params.steps).toBe(20);
  });
});

describe.each(['dark', 'light'] as const)('in the %s theme', (colorScheme) => {
  it('axe-core finds nothing in the window, its panels and its dialogs', async () => {
    const { page } = editor;
    await page.emulateMedia({ colorScheme });
    const found: string[] = await editor.findAxeViolations();
    for (const tab of ['Outline', 'Queue', 'Gallery', 'Inspector']) {
      await page.getByRole('tab', { name: tab }).click();
      found.push(...(await editor.findAxeViolations()));
    }
    await editor.node('sampler').click({ position: { x: 30, y: 8 } });
    found.push(...(await editor.findAxeViolations()));
    await page.keyboard.press('ControlOrMeta+K');
    await page.getByRole('dialog').waitFor();
    found.push(...(await editor.findAxeViolations()));
    expect([...new Set(found)]).toEqual([]);
  });
});

/** The nodes that are wired into an input. */
async function sourcesOf(node: string, input: string): Promise<string[]> {
  const { edges } = JSON.parse(await editor.copyGraph());
  return Object.values<{ from: { node: string }; to: { node: string; input: string } }>(edges)
    .filter(({ to }) => to.node === node && to.input === input)
    .map(({ from }) => from.node);
}

/** Runs in the page: how far each wire's ends are from the nearest socket's middle, in CSS pixels. */
function measureGaps(): number[] {
  const middles = [...document.querySelectorAll('[data-socket]')].map((socket) => {
    const { left, top, width, height } = socket.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  });
  return [...document.querySelectorAll<SVGPathElement>('.react-flow__edge .wire-line')].flatMap((path) => {
    const toScreen = path.getScreenCTM();
    const ends = [path.getPointAtLength(0), path.getPointAtLength(path.getTotalLength())];
    return ends.map((end) => {
      const { x, y } = end.matrixTransform(toScreen ?? undefined);
      return Math.min(...middles.map((middle) => Math.hypot(middle.x - x, middle.y - y)));
    });
  });
}
