import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';

/** One window on the editor. */
export interface EditorPage {
  readonly page: Page;
  /** What its console says against it. */
  readonly complaints: readonly string[];
  node(id: string): Locator;
  socket(node: string, side: 'input' | 'output', name: string): Locator;
  button(name: string): Locator;
  /** Sentences that have come up. */
  notice(sentence: string | RegExp): Locator;
  /** Of the last run. */
  outcome(said: RegExp): Locator;
  /** The graph as text, as Copy gives it. */
  copyGraph(): Promise<string>;
  /** Chooses a command in the palette. */
  command(name: string): Promise<void>;
  /** Drops files on the canvas, or on a part of it; they lie in `folder` first, as dropped files do. */
  drop(folder: string, files: Readonly<Record<string, string | Uint8Array>>, onto?: Locator): Promise<void>;
  /** Drops a graph file and waits until it is shown. */
  openGraph(folder: string, name: string, graph: string): Promise<void>;
  /** Saves an open graph that has no file yet, in the folder that the server allows. */
  saveAs(name: string): Promise<void>;
  /** Drags a wire; `drop: false` leaves the button down over the target. */
  dragWire(from: Locator, to: Locator, how?: { readonly drop: boolean }): Promise<void>;
  /** What axe-core finds, a line each. */
  findAxeViolations(): Promise<string[]>;
}

/** Takes hold of a page that shows the editor. */
export function driveEditor(page: Page): EditorPage {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  const editor: EditorPage = {
    page,
    complaints,
    node: (id) => page.locator(`[data-node-body="${id}"]`),
    socket: (node, side, name) => page.locator(`[data-socket][data-node="${node}"][data-side="${side}"][data-name="${name}"]`),
    button: (name) => page.getByRole('button', { name, exact: true }),
    notice: (sentence) => page.locator('.notice').filter({ hasText: sentence }),
    outcome: (said) => page.getByRole('status').filter({ hasText: said }),
    async copyGraph() {
      await page.locator('.react-flow__pane').click({ position: { x: 8, y: 8 } });
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.press('ControlOrMeta+C');
      return page.evaluate<string>('navigator.clipboard.readText()');
    },
    async command(name) {
      await page.keyboard.press('ControlOrMeta+K');
      await page.getByPlaceholder('Type a command').fill(name);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Command palette' }).waitFor({ state: 'detached' });
    },
    async drop(folder, files, onto = page.locator('.canvas')) {
      await mkdir(folder, { recursive: true });
      const paths = Object.keys(files).map((name) => join(folder, name));
      await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)));
      const { x, y } = await centreOf(onto);
      const data = { items: [], files: paths, dragOperationsMask: 1 };
      const session = await page.context().newCDPSession(page);
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, x, y, data });
      await session.detach();
    },
    async openGraph(folder, name, graph) {
      await editor.drop(folder, { [`${name}.emulsion.json`]: graph });
      await page.getByRole('tab', { name, selected: true }).waitFor();
    },
    async saveAs(name) {
      await page.keyboard.press('ControlOrMeta+S');
      const dialog = page.getByRole('dialog', { name: 'Save graph' });
      await dialog.getByLabel('File name').fill(name);
      await dialog.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('tab', { name, exact: true, selected: true }).waitFor();
    },
    async dragWire(from, to, { drop } = { drop: true }) {
      const [start, end] = [await centreOf(from), await centreOf(to)];
      await page.mouse.move(start.x, start.y);
      await page.mouse.down();
      await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 4 });
      await page.mouse.move(end.x, end.y, { steps: 4 });
      if (drop) await page.mouse.up();
    },
    async findAxeViolations() {
      await page.evaluate(axe.source);
      // The page has `axe` now; the test's own types know it by the module.
      const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
      return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
    },
  };
  return editor;
}

/** The middle of what is shown of something. */
export async function centreOf(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error(`${locator} is not on the page.`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
