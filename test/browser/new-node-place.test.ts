import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  editor = await place.open();
  await editor.node('sampler').waitFor();
  await editor.command('Minimap');
});
afterAll(() => place.close());

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Every node that is drawn, as it lies in the window, and the canvas. */
const look = (): Promise<{ readonly nodes: Readonly<Record<string, Box>>; readonly canvas: Box; readonly zoom: number }> =>
  editor.page.evaluate(() => {
    const boxOf = (element: Element): Box => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { left, right, top, bottom };
    };
    const drawn = [...document.querySelectorAll<HTMLElement>('.react-flow__node[data-id^="node:"]')];
    return {
      nodes: Object.fromEntries(drawn.map((element) => [(element.dataset['id'] ?? '').slice(5), boxOf(element)])),
      // There is one.
      canvas: boxOf(document.querySelector('.canvas') as Element),
      zoom: new DOMMatrix(getComputedStyle(document.querySelector('.react-flow__viewport') as Element).transform).a,
    };
  });

const overlaps = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const liesIn = (inner: Box, outer: Box): boolean =>
  inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom;
const ids = async (): Promise<string[]> => Object.keys(JSON.parse(await editor.copyGraph()).nodes);

/** Does something that adds a node, and waits until it is seen whole. */
async function adding(title: string, act: () => Promise<void>): Promise<Box> {
  const before = await editor.page
    .locator('.react-flow__node.selected')
    .getAttribute('data-id', { timeout: 500 })
    .catch(() => null);
  await act();
  const added = editor.page.locator(`.react-flow__node.selected:not([data-id="${before}"])`);
  await added.and(editor.page.getByRole('group', { name: title })).waitFor();
  const id = ((await added.getAttribute('data-id')) ?? '').slice(5);
  await expect.poll(async () => liesIn((await look()).nodes[id]!, (await look()).canvas)).toBe(true);
  const { nodes } = await look();
  const box = nodes[id]!;
  expect(Object.keys(nodes).filter((other) => other !== id && overlaps(nodes[other]!, box))).toEqual([]);
  return box;
}

const isStill = (): Promise<boolean> =>
  editor.page.evaluate(async () => {
    const transform = (): string => getComputedStyle(document.querySelector('.react-flow__viewport') as Element).transform;
    const before = transform();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return transform() === before;
  });

const fromMenu = async (title: string): Promise<void> => {
  const menu = editor.page.getByRole('dialog', { name: 'Add node' });
  await menu.getByRole('combobox').fill(title);
  await menu.getByRole('option', { selected: true }).filter({ hasText: title }).waitFor();
  await editor.page.keyboard.press('Enter');
};

describe('a new node', () => {
  it('goes just where the canvas was double-clicked, if it is free there', async () => {
    await editor.page.keyboard.press('-');
    const { nodes, canvas } = await look();
    const spot = { x: canvas.left + 40, y: Math.max(...Object.values(nodes).map(({ bottom }) => bottom)) + 10 };
    const box = await adding('Number', async () => {
      await editor.page.mouse.dblclick(spot.x, spot.y);
      await fromMenu('Number');
    });
    expect([Math.abs(box.left - spot.x), Math.abs(box.top - spot.y)].every((far) => far <= 1)).toBe(true);
  });

  it('makes way for what is under the pointer, by no more than it must', async () => {
    const { left, right, top, bottom } = (await look()).nodes['sampler']!;
    const box = await adding('Resize Image', async () => {
      await editor.page.mouse.move((left + right) / 2, (top + bottom) / 2);
      await editor.page.keyboard.press('Shift+A');
      await fromMenu('Resize Image');
    });
    expect(Math.hypot(box.left - (left + right) / 2, box.top - (top + bottom) / 2)).toBeLessThan(600);
  });

  it('goes right of the one before it, and the view follows at its zoom once that is full', async () => {
    const list = editor.page.getByRole('navigation', { name: 'Nodes' });
    const { zoom } = await look();
    let before = await adding('Blend', () => list.getByRole('button', { name: 'Blend', exact: true }).click());
    let hasMoved = false;
    for (const title of ['Resize Image', 'Save Image', 'VAE Encode', 'Text Encoder', 'Number']) {
      const box = await adding(title, () => list.getByRole('button', { name: title, exact: true }).click());
      hasMoved ||= Math.abs(box.top - before.top) < 1 && box.left <= before.left;
      before = box;
    }
    expect(hasMoved).toBe(true);
    expect((await look()).zoom).toBe(zoom);
  });

  it('moves the view at once for who wants no motion', async () => {
    const { page } = editor;
    const steps = (): Promise<number> => page.evaluate('window.viewSteps.size');
    await page.mouse.move(5, 5);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    // What was added last is seen before the view has come to rest.
    await expect.poll(isStill).toBe(true);
    await page.evaluate(() => {
      const viewport = document.querySelector('.react-flow__viewport') as HTMLElement; // there is one
      const seen = new Set<string>();
      new MutationObserver(() => seen.add(viewport.style.transform)).observe(viewport, { attributes: true });
      Object.assign(window, { viewSteps: seen });
    });
    await adding('Preview', () => editor.command('Add Preview'));
    expect(await steps()).toBe(1);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await adding('Preview', () => editor.command('Add Preview'));
    expect(await steps()).toBeGreaterThan(2);
  });

  it('has the focus once it is shown, when it was added without the mouse', async () => {
    await editor.page.mouse.move(5, 5);
    await editor.page.keyboard.press('Shift+A');
    await fromMenu('Number');
    await editor.page
      .locator('.react-flow__node.selected:focus')
      .and(editor.page.getByRole('group', { name: 'Number' }))
      .waitFor();
  });
});

describe('nodes that are pasted', () => {
  it('cover nothing either, and are shown', async () => {
    const before = await ids();
    await editor.page.keyboard.press('ControlOrMeta+V');
    await expect.poll(async () => (await ids()).length).toBe(before.length * 2);
    await editor.page.keyboard.press('Home');
    await expect.poll(async () => Object.keys((await look()).nodes).length).toBe(before.length * 2);
    const boxes = Object.values((await look()).nodes);
    expect(boxes.filter((one) => boxes.some((other) => other !== one && overlaps(one, other)))).toEqual([]);
    expect(editor.complaints).toEqual([]);
  });
});
