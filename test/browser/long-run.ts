import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeGraph } from '../../graphs/write-graph.ts';
import { makeDocument } from '../e2e/open-test-host.ts';
import type { EditorPage } from './drive-editor.ts';

/*
 * Runs over test nodes that last until something happens to them, and what is there afterwards; on any page that shows the editor.
 */

/** Runs for minutes, unless it is told to stop. */
export const LONG = writeGraph(makeDocument({ work: ['test.steps', { count: 10_000, stepMs: 10 }] }));

/** Starts a run and waits until a step of it is done. */
export async function startRun({ page, button }: EditorPage): Promise<void> {
  await button('Run').click();
  await page.locator('[data-status="running"]', { hasText: /[1-9]\d*\/10000/ }).waitFor();
}

/** A run of a few steps goes through. */
export async function expectShortRun(of: EditorPage): Promise<void> {
  await setCount(of);
  await of.button('Run').click();
  await of.outcome(/Done in/).waitFor();
}

/** While a run goes on, changes a parameter, and then holds a node in the hand; done when the host has written down the change. */
export async function editInMidDrag({ page, node }: EditorPage, stateFolder: string): Promise<void> {
  await stepField({ node }).fill('9');
  const title = await node('work').locator('.node-title').boundingBox();
  if (title === null) throw new Error('the node has no title to hold it by');
  await page.mouse.move(title.x + 5, title.y + 5);
  await page.mouse.down();
  await page.mouse.move(title.x + 90, title.y + 50, { steps: 3 });
  await expect.poll(() => readJournals(stateFolder)).toContain('Change step to 9');
}

/** That change is there, and the step before it. */
export async function expectLastEdit(of: EditorPage): Promise<void> {
  expect(await stepField(of).inputValue()).toBe('9');
  await of.button('Undo').click();
  await expect.poll(() => stepField(of).inputValue()).toBe('10');
}

/** A run that ended with its host waits in the queue, which is held; given up, it makes room for the next. */
export async function expectInterruptedRun(of: EditorPage): Promise<void> {
  await of.page.getByRole('tab', { name: 'Queue' }).click();
  const interrupted = of.page.getByRole('listitem', { name: /, waiting$/ }).filter({ hasText: 'Emulsion ended while this ran' });
  await interrupted.waitFor();
  await setCount(of);
  await of.button('Run').click();
  await of.notice('The queue is held').waitFor();
  await interrupted.getByRole('button', { name: 'Cancel' }).click();
  await interrupted.waitFor({ state: 'detached' });
  await of.button('Go on').click();
  await of.outcome(/Done in/).waitFor();
}

/** Tests of an evaluator that is killed in the middle of a run, by somebody else or because it does not listen. */
export function describeKilledEvaluator(
  stage: () => { readonly editor: EditorPage; readonly files: string; findEvaluator(): Promise<number> },
): void {
  describe('the evaluator, killed in the middle of a run', () => {
    it('fails the run with a sentence; the next run has a new one', async () => {
      const { editor, files, findEvaluator } = stage();
      await editor.openGraph(files, 'one', LONG);
      await startRun(editor);
      process.kill(await findEvaluator(), 'SIGKILL');
      await editor.outcome(/Failed in/).waitFor();
      expect(await editor.node('work').locator('.node-failure').innerText()).toMatch(
        /was killed from outside while Steps was running.*the next run starts a new one/,
      );
      await editor.page.getByText('Evaluator has died; the next run starts a new one').waitFor();
      await expectShortRun(editor);
      expect(editor.complaints).toEqual([]);
    });
  });

  describe('a run that is given up', () => {
    it('stops between two steps: Cancel', async () => {
      const { editor, files } = stage();
      await editor.openGraph(files, 'two', LONG);
      await startRun(editor);
      await editor.button('Cancel').click();
      await editor.outcome(/Cancelled in/).waitFor();
      await editor.page.locator('[data-status="cancelled"]').waitFor();
      expect(await editor.button('Run').isEnabled()).toBe(true);
      await editor.page.getByText('Evaluator is ready').waitFor();
    });

    it('or at once, with the evaluator, where it does not listen: Stop now', async () => {
      const { editor, files, findEvaluator } = stage();
      const stubborn = writeGraph(makeDocument({ work: ['test.steps', { count: 10_000, stepMs: 20, cooperative: false }] }));
      await editor.openGraph(files, 'three', stubborn);
      await editor.button('Run').click();
      await editor.page.locator('[data-status="running"]').waitFor();
      const before = await findEvaluator();
      await editor.command('Stop now');
      await editor.outcome(/Cancelled in/).waitFor();
      await editor.page.getByText('Evaluator was stopped; the next run starts a new one').waitFor();
      await editor.node('work').getByLabel('Cooperative', { exact: true }).click();
      await expectShortRun(editor);
      expect(await findEvaluator()).not.toBe(before);
      expect(editor.complaints).toEqual([]);
    });
  });
}

async function setCount({ node, page }: EditorPage): Promise<void> {
  await node('work').getByLabel('Count', { exact: true }).fill('2');
  await page.keyboard.press('Enter');
}

const stepField = ({ node }: Pick<EditorPage, 'node'>) => node('work').getByLabel('Step', { exact: true });

/** What the host has kept of all documents. */
async function readJournals(stateFolder: string): Promise<string> {
  const folder = join(stateFolder, 'documents');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jsonl'));
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('');
}
