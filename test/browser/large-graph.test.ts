import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';
import { repeatGraph } from './large-graph.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

const STARTER = fileURLToPath(new URL('../../graphs/templates/starter.json', import.meta.url));

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  editor = await place.open();
});
afterAll(() => place.close());

it('a graph of 1,000 nodes opens, pans, selects and edits, with what is in view drawn and nothing else', async () => {
  const { page } = editor;
  const graph = repeatGraph(JSON.parse(await readFile(STARTER, 'utf8')), 125);
  await editor.openGraph(place.files, 'large', graph);
  await page.getByText('1000 nodes in this graph.').waitFor();
  // From afar only titles are drawn.
  await page.locator('.node.is-outline').first().waitFor();
  expect(await page.locator('.node:not(.is-outline)').count()).toBe(0);

  await editor.command('Go to Sampler sampler-62');
  const sampler = editor.node('sampler-62');
  const steps = sampler.getByLabel('Steps', { exact: true });
  await steps.waitFor();
  await expect.poll(() => page.locator('.node').count()).toBeLessThan(100);

  const viewport = page.locator('.react-flow__viewport');
  const before = await viewport.getAttribute('style');
  const { width, height } = page.viewportSize()!;
  await page.mouse.move(width / 2, height / 2);
  await page.mouse.wheel(0, 300);
  await expect.poll(() => viewport.getAttribute('style')).not.toBe(before);
  await editor.command('Go to Sampler sampler-62');
  await steps.fill('7');
  await page.keyboard.press('Enter');
  await sampler.locator('.node-title').click();
  await page.keyboard.press('ArrowRight');

  const changed = JSON.parse(await editor.copyGraph());
  expect(Object.keys(changed.nodes)).toHaveLength(1000);
  expect(changed.nodes['sampler-62'].params.steps).toBe(7);
  const [x, moved] = [JSON.parse(graph), changed].map((one) => one.layout.positions['sampler-62'].x);
  expect(moved).toBe(x + 16);
  await page.keyboard.press('ControlOrMeta+Z');
  await page.keyboard.press('ControlOrMeta+Z');
  // Copies carry neither the title nor the description.
  expect(JSON.parse(await editor.copyGraph())).toEqual({ ...JSON.parse(graph), meta: undefined });
  expect(editor.complaints).toEqual([]);
});
