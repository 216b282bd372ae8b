import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GraphDocument } from '../graphs/document.ts';
import { driveEditor } from '../test/browser/drive-editor.ts';
import { repeatGraph } from '../test/browser/large-graph.ts';
import { openEditorPlace } from '../test/browser/open-editor.ts';
import { type MeasuredPage, measurePage, type Point } from './measure/editor-page.ts';
import { traceScript } from './measure/frame-script.ts';
import { printLoad, printMachine } from './measure/machine.ts';
import { readOptions } from './measure/options.ts';
import { PACKAGE_ROOT } from './measure/run-command.ts';
import { median, printTable, showTarget } from './measure/statistics.ts';

/*
 * The editor with a graph of 1,000 nodes in Chromium, about 50 of them in view: script of the page's main thread for each frame of a
 * gesture (its own processor time, from Chromium's trace), for each key typed, and how long such a graph takes to open. Nothing
 * computes: pictures come from this program. [--rounds 5] [--only 'pan;zoom out']
 */

const FRAMES = 60;
const ZOOM_STEPS = 20;
const TYPED = 'a red apple on a wooden table';
const KEY_PACE_MS = 40;
const NOWHERE: Point = { x: 0, y: 0 };

const options = readOptions();
const rounds = options.number('rounds', 5);
const only = options.text('only', '');
await printMachine();

const starter = JSON.parse(await readFile(join(PACKAGE_ROOT, 'graphs/templates/starter.json'), 'utf8')) as GraphDocument; // ships with it
const graph = repeatGraph(starter, 125);
const place = await openEditorPlace();
const context = await place.browser.newContext({ viewport: { width: 1600, height: 1000 }, colorScheme: 'dark' });
const measured = await measurePage(await context.newPage());
const { page, session } = measured;
const editor = driveEditor(page);
await page.goto(place.address());
await page.locator('[data-node-body]').first().waitFor();

const SELECTED = '.selected .node-title';
/** The canvas itself: some nodes keep the wheel to themselves. */
const PANE = '.react-flow__pane';
const gestures: Readonly<Record<string, Gesture>> = {
  pan: { most: 8, at: PANE, act: (on, point) => on.drag(point, FRAMES, 6) },
  'drag one': { most: 8, at: '.node-title', act: (on, point) => on.drag(point, FRAMES, 3) },
  'drag 50': { most: 8, prepare: () => select(50), at: SELECTED, act: (on, point) => on.drag(point, FRAMES, 3) },
  'drag 1,000': { prepare: selectAll, at: SELECTED, act: (on, point) => on.drag(point, FRAMES, 3) },
  '10 pictures a frame': { most: 8, prepare: run, act: (on) => on.storm(10, FRAMES) },
  'zoom out': { most: 16, at: PANE, act: (on, point) => on.wheel(point, ZOOM_STEPS, 40) },
  'zoom in': { most: 16, prepare: zoomOut, at: PANE, act: (on, point) => on.wheel(point, ZOOM_STEPS, -40) },
  typing: { most: 4, mark: 'key', prepare: focusPrompt, act: type },
};

interface Gesture {
  /** Script at the 95th percentile of its frames, in milliseconds; left out: told only. */
  readonly most?: number;
  readonly mark?: string;
  /** Where it begins. */
  readonly at?: string;
  prepare?(on: MeasuredPage): Promise<unknown>;
  act(on: MeasuredPage, point: Point): Promise<void>;
}

async function open(): Promise<number> {
  await editor.drop(place.files, { 'large.emulsion.json': graph });
  await page.getByRole('tab', { name: 'large', selected: true }).waitFor();
  return page.evaluate<number>(`new Promise((resolve) => {
    const look = () => document.querySelector('.react-flow__node') === null ? requestAnimationFrame(look)
      : requestAnimationFrame(() => requestIdleCallback(() => resolve(performance.now() - window.bench.droppedMs)));
    look();
  })`);
}

async function close(): Promise<void> {
  await page.keyboard.press('Alt+W');
  await page.getByRole('tab', { name: 'large' }).waitFor({ state: 'detached' });
}

/** All begin with the same part of the graph in view, and nothing selected. */
async function reset(): Promise<void> {
  await page.keyboard.press('Escape');
  await page.keyboard.press('f');
  await measured.settle();
  await page.keyboard.press('1');
  for (let times = 0; times < 4; times++) await page.keyboard.press('-');
  await page.locator('.node:not(.is-outline)').first().waitFor();
  await measured.settle();
}

async function select(count: number): Promise<void> {
  await page.keyboard.down('Shift');
  await measured.drag(await measured.find('.react-flow__pane'), 1, 1);
  await page.keyboard.up('Shift');
  const titles = await page.evaluate<{ x: number; y: number }[]>(`[...document.querySelectorAll('.node-title')].flatMap((title) => {
    const { left, top, width, height } = title.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    return document.elementFromPoint(x, y) === title ? [{ x, y }] : [];
  })`);
  await page.keyboard.down('Control');
  for (const { x, y } of titles.slice(0, count)) await page.mouse.click(x, y);
  await page.keyboard.up('Control');
}

async function selectAll(): Promise<void> {
  await page.keyboard.press('Control+A');
}

async function run(): Promise<void> {
  if (await editor.button('Run').isEnabled()) await editor.button('Run').click();
  await editor.button('Cancel').waitFor();
}

async function zoomOut(on: MeasuredPage): Promise<void> {
  await on.wheel(await on.find(PANE), ZOOM_STEPS, 40);
}

async function focusPrompt(): Promise<void> {
  await page.locator('.node textarea').first().focus();
}

async function type(): Promise<void> {
  await page.keyboard.type(TYPED, { delay: KEY_PACE_MS });
}

async function measure(): Promise<void> {
  const opened: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const tookMs = await open();
    // The first one fills caches that every later one finds.
    if (round > 0) opened.push(tookMs);
    if (round < rounds) await close();
  }
  await page.keyboard.press('[');
  await page.keyboard.press(']');
  await reset();
  const inView = await page.locator('.node:not(.is-outline)').count();
  console.log(`\n${inView} of 1,000 nodes in view; opened in ${showTarget(median(opened), 1000, 0, ' ms')}\n`);

  const at = (values: readonly number[], share: number): number =>
    [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
  const rows: string[][] = [['', 'script p50', 'p95', 'most', 'with dispatch p95', 'render p50', 'selected', 'target']];
  for (const [name, { most, mark = 'frame', at: start, prepare, act }] of Object.entries(gestures)) {
    if (only !== '' && !only.split(';').includes(name)) continue;
    const figures: { p50: number; p95: number; most: number; dispatch: number; render: number }[] = [];
    let selected = 0;
    for (let round = 0; round < rounds; round++) {
      await reset();
      await prepare?.(measured);
      await measured.settle();
      selected = await page.locator('.react-flow__node.selected').count();
      const point = start === undefined ? NOWHERE : await measured.find(start);
      // What was left lying before is no part of it; what it leaves itself is.
      await session.send('HeapProfiler.collectGarbage');
      await measured.markFrames(mark === 'frame');
      const { script, dispatch, render } = await traceScript(session, mark, () => act(measured, point));
      await measured.markFrames(false);
      figures.push({
        p50: at(script, 0.5),
        p95: at(script, 0.95),
        most: at(script, 1),
        dispatch: at(dispatch, 0.95),
        render: at(render, 0.5),
      });
    }
    const middle = (read: (figure: (typeof figures)[number]) => number): number => median(figures.map(read));
    const p95 = middle((one) => one.p95);
    rows.push([
      name,
      middle((one) => one.p50).toFixed(1),
      p95.toFixed(1),
      middle((one) => one.most).toFixed(1),
      middle((one) => one.dispatch).toFixed(1),
      middle((one) => one.render).toFixed(1),
      selected === 0 ? '' : String(selected),
      most === undefined ? '' : showTarget(p95, most, 1, ' ms'),
    ]);
  }
  printTable(rows);
  console.log('');
  await printLoad();
}

try {
  await measure();
} finally {
  await place.close();
}
