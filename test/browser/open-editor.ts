import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { type CommandPlace, openCommandPlace, type RunningCommand } from '../e2e/spawn-command.ts';
import { buildShipped } from './build-shipped.ts';
import { launchBrowser } from './find-browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `emulsion serve` as it ships, with a folder of its own, and a browser. */
export interface EditorPlace {
  readonly place: CommandPlace;
  readonly browser: Browser;
  readonly server: () => RunningCommand;
  /** A window on it; what its console says against the page is in `complaints`. */
  open(options?: { readonly colorScheme?: 'light' | 'dark' }): Promise<EditorPage>;
  /** Kills the server as `kill -9` does and starts it anew over the same folder. */
  killAndRestart(): Promise<void>;
  close(): Promise<void>;
}

/** One window. */
export interface EditorPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  node(id: string): Locator;
  socket(node: string, side: 'input' | 'output', name: string): Locator;
  /** The graph as text, as Copy gives it. */
  copyGraph(): Promise<string>;
  /** Drags a wire; `drop: false` leaves the button down over the target. */
  dragWire(from: Locator, to: Locator, how?: { readonly drop: boolean }): Promise<void>;
  /** What axe-core finds, a line each. */
  findAxeViolations(): Promise<string[]>;
}

/** Opens one. What ships is built first where it is stale. */
export async function openEditorPlace(): Promise<EditorPlace> {
  await buildShipped();
  const place = await openCommandPlace(join(root, 'bin/emulsion.mjs'));
  const browser = await launchBrowser();
  let { server, address } = await serve(place);
  return {
    place,
    browser,
    server: () => server,
    async open({ colorScheme = 'dark' } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        colorScheme,
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      await page.goto(address);
      await page.locator('[data-node-body]').first().waitFor();
      return editorPage(page, complaints);
    },
    async killAndRestart() {
      const port = new URL(address).port;
      server.child.kill('SIGKILL');
      await server.ended;
      ({ server, address } = await serve(place, port));
    },
    async close() {
      await browser.close();
      server.pressCtrlC();
      await server.ended;
      await place.close();
    },
  };
}

async function serve(place: CommandPlace, port = '0'): Promise<{ server: RunningCommand; address: string }> {
  const env = { EMULSION_STATE_DIR: join(place.folder, 'state') };
  const server = place.start(['serve', '--json', '--port', port, '--out', join(place.folder, 'out')], env);
  const [, address = ''] = await server.waitFor('stdout', /"address":"([^"]+)"/);
  return { server, address };
}

function editorPage(page: Page, complaints: readonly string[]): EditorPage {
  return {
    page,
    complaints,
    node: (id) => page.locator(`[data-node-body="${id}"]`),
    socket: (node, side, name) => page.locator(`[data-socket][data-node="${node}"][data-side="${side}"][data-name="${name}"]`),
    async copyGraph() {
      await page.locator('.react-flow__pane').click({ position: { x: 8, y: 8 } });
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.press('ControlOrMeta+C');
      return page.evaluate(() => navigator.clipboard.readText());
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
}

async function centreOf(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error(`${locator} is not on the page.`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
