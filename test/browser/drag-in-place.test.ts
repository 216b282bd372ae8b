import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { centreOf, type EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

const STARTER = fileURLToPath(new URL('../../graphs/templates/starter.json', import.meta.url));

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  editor = await place.open();
});
afterAll(() => place.close());

let count = 0;
beforeEach(async () => {
  count += 1;
  await editor.openGraph(place.files, `dragged${count}`, await readFile(STARTER, 'utf8'));
});

/** Wires with an end in view that is not in the middle of a socket, after the next frame. */
function looseEnds(): Promise<string[]> {
  return editor.page.evaluate<string[]>(`new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
    const sockets = [...document.querySelectorAll('[data-socket]')].map((one) => {
      const { left, top, width, height } = one.getBoundingClientRect();
      return [left + width / 2, top + height / 2];
    });
    const view = document.querySelector('.canvas').getBoundingClientRect();
    const isSeen = ({ x, y }) => x > view.left && x < view.right && y > view.top && y < view.bottom;
    resolve([...document.querySelectorAll('[data-wire]')].flatMap((group) => [...group.children].flatMap((path) => {
      return [0, path.getTotalLength()].flatMap((at) => {
        const end = path.getPointAtLength(at).matrixTransform(path.getScreenCTM());
        return !isSeen(end) || sockets.some(([x, y]) => Math.hypot(x - end.x, y - end.y) < 2) ? [] : [group.dataset.wire + ' ' + path.className.baseVal];
      });
    })));
  })))`);
}

/** Takes hold of a node by its title; it follows the pointer from the spot that this gives. */
async function grab(id: string): Promise<{ readonly title: Locator; readonly start: Spot; readonly held: Spot }> {
  const title = editor.node(id).locator('.node-title');
  const start = await centreOf(title);
  const held = { x: start.x + 3, y: start.y };
  await editor.page.mouse.move(start.x, start.y);
  await editor.page.mouse.down();
  await editor.page.mouse.move(held.x, held.y);
  return { title, start, held };
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

const expectAt = (now: Spot, wanted: Spot): void => expect(Math.hypot(now.x - wanted.x, now.y - wanted.y)).toBeLessThan(1.5);

it('wires stay at their sockets while a node is dragged, and it lies where it was let go', async () => {
  const { page } = editor;
  expect(await looseEnds()).toEqual([]);
  const { title, start, held } = await grab('sampler');
  for (const [dx, dy] of [
    [20.5, 33.25],
    [-140, 90],
    [61, -45],
  ] as const) {
    await page.mouse.move(held.x + dx, held.y + dy, { steps: 3 });
    expect(await looseEnds()).toEqual([]);
    expectAt(await centreOf(title), { x: start.x + dx, y: start.y + dy });
  }
  await page.mouse.up();
  expect(await looseEnds()).toEqual([]);
  const there = await centreOf(title);
  expect(await editor.button('Undo').getAttribute('title')).toContain('Move Sampler');
  // What is drawn anew is drawn in the same place.
  await page.keyboard.press('[');
  await page.keyboard.press('[');
  await page.keyboard.press('Escape');
  expect(await centreOf(title)).toEqual(there);
  await page.keyboard.press('ControlOrMeta+Z');
  await expect.poll(() => centreOf(title)).toEqual(start);
  expect(await looseEnds()).toEqual([]);
});

it('a node that is brought back to where it was lies there, with its wires', async () => {
  const { page } = editor;
  const { title, start, held } = await grab('sampler');
  await page.mouse.move(held.x + 80, held.y + 40, { steps: 4 });
  await page.mouse.move(held.x, held.y, { steps: 4 });
  await page.mouse.up();
  expect(await looseEnds()).toEqual([]);
  expect(await centreOf(title)).toEqual(start);
  expect(await editor.button('Undo').isEnabled()).toBe(false);
});

it('the view follows a node that is dragged to its edge, and wires keep to their sockets', async () => {
  const { page } = editor;
  const view = page.locator('.react-flow__viewport');
  const before = await view.getAttribute('style');
  const { title, start, held } = await grab('decode');
  const canvas = (await page.locator('.canvas').boundingBox())!;
  const edge = { x: canvas.x + canvas.width - 12, y: held.y };
  await page.mouse.move(edge.x, edge.y, { steps: 8 });
  await expect.poll(() => view.getAttribute('style')).not.toBe(before);
  await page.waitForTimeout(300);
  await page.mouse.move(edge.x - 200, edge.y, { steps: 4 });
  expect(await looseEnds()).toEqual([]);
  expectAt(await centreOf(title), { x: edge.x - 200 - (held.x - start.x), y: start.y });
  expect(await looseEnds()).toEqual([]);
  await page.mouse.up();
  expect(await looseEnds()).toEqual([]);
});

it('what is dragged into view with the rest is drawn', async () => {
  const { page } = editor;
  await editor.command('Go to Sampler');
  await page.keyboard.press('1');
  for (let times = 0; times < 2; times++) await page.keyboard.press('+');
  await expect.poll(() => editor.node('checkpoint').count()).toBe(0);
  await page.keyboard.press('ControlOrMeta+A');
  const before = await page.locator('.node').count();
  const { held } = await grab('sampler');
  const canvas = (await page.locator('.canvas').boundingBox())!;
  await page.mouse.move(canvas.x + canvas.width - 120, held.y, { steps: 12 });
  await expect.poll(() => page.locator('.node').count()).toBeGreaterThan(before);
  // Sockets come as nodes are filled in.
  await expect.poll(looseEnds).toEqual([]);
  await page.mouse.up();
  expect(await looseEnds()).toEqual([]);
  expect(editor.complaints).toEqual([]);
});
