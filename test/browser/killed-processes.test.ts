import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeGraph } from '../../graphs/write-graph.ts';
import { makeDocument } from '../e2e/open-test-host.ts';
import type { EditorPage } from './drive-editor.ts';
import { launchBrowser } from './find-browser.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

/** Runs for minutes, unless it is told to stop. */
const LONG = writeGraph(makeDocument({ work: ['test.steps', { count: 10_000, stepMs: 10 }] }));

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace({ nodes: 'test' });
  editor = await place.open();
});
afterAll(() => place.close());

/** The process that computes, as a child of the server. */
async function findEvaluator(): Promise<number> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(place.server().child.pid), '-f', 'evaluator']);
  return Number(stdout.trim());
}

/** Starts a run and waits until a step of it is done. */
async function run({ page, button }: EditorPage): Promise<void> {
  await button('Run').click();
  await page.locator('[data-status="running"]', { hasText: /[1-9]\d*\/10000/ }).waitFor();
}

const count = (of: EditorPage) => of.node('work').getByLabel('Count', { exact: true });

/** A run of a few steps goes through. */
async function expectShortRun(of: EditorPage): Promise<void> {
  await count(of).fill('2');
  await of.page.keyboard.press('Enter');
  await of.button('Run').click();
  await of.outcome(/Done in/).waitFor();
}

describe('the evaluator, killed in the middle of a run', () => {
  it('fails the run with a sentence; the next run has a new one', async () => {
    await editor.openGraph(place.files, 'one', LONG);
    await run(editor);
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
    await editor.openGraph(place.files, 'two', LONG);
    await run(editor);
    await editor.button('Cancel').click();
    await editor.outcome(/Cancelled in/).waitFor();
    await editor.page.locator('[data-status="cancelled"]').waitFor();
    expect(await editor.button('Run').isEnabled()).toBe(true);
    await editor.page.getByText('Evaluator is ready').waitFor();
  });

  it('or at once, with the evaluator, where it does not listen: Stop now', async () => {
    const stubborn = writeGraph(makeDocument({ work: ['test.steps', { count: 10_000, stepMs: 20, cooperative: false }] }));
    await editor.openGraph(place.files, 'three', stubborn);
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

describe('the browser, killed in the middle of an edit and of a run', () => {
  it('has the last edit and the steps before it when it is back; the run has gone on', async () => {
    const other = await launchBrowser();
    const lost = await place.open({ browser: other });
    await lost.openGraph(place.files, 'four', LONG);
    await run(lost);
    await lost.node('work').getByLabel('Step', { exact: true }).fill('9');
    const title = await lost.node('work').locator('.node-title').boundingBox();
    await lost.page.mouse.move(title!.x + 5, title!.y + 5);
    await lost.page.mouse.down();
    await lost.page.mouse.move(title!.x + 90, title!.y + 50, { steps: 3 });
    await expect.poll(readJournals).toContain('Change step to 9');
    await kill(other);

    const again = await place.open();
    await again.page.getByRole('tab', { name: /^four/ }).click();
    expect(await again.node('work').getByLabel('Step', { exact: true }).inputValue()).toBe('9');
    await again.page.getByRole('tab', { name: 'Queue' }).click();
    const running = again.page.getByRole('listitem', { name: /, running$/ });
    await running.getByRole('button', { name: 'Cancel' }).click();
    await running.waitFor({ state: 'detached' });
    await again.button('Undo').click();
    expect(await again.node('work').getByLabel('Step', { exact: true }).inputValue()).toBe('10');
    await expectShortRun(again);
    await again.page.context().close();
  });
});

describe('the server, killed in the middle of a run', () => {
  it('lets the window know; when it is back, the run waits in its queue and the window can run again', async () => {
    await editor.openGraph(place.files, 'five', LONG);
    await run(editor);
    await place.killAndRestart();
    await editor.outcome(/^Connected/).waitFor();
    await editor.outcome(/^Failed/).waitFor();
    await editor.page.getByRole('tab', { name: 'Queue' }).click();
    const interrupted = editor.page.getByRole('listitem', { name: /, waiting$/ }).filter({ hasText: 'Emulsion ended while this ran' });
    await interrupted.waitFor();
    await count(editor).fill('2');
    await editor.page.keyboard.press('Enter');
    await editor.button('Run').click();
    await editor.notice('The queue is held').waitFor();
    await interrupted.getByRole('button', { name: 'Cancel' }).click();
    await interrupted.waitFor({ state: 'detached' });
    await editor.button('Go on').click();
    await editor.outcome(/Done in/).waitFor();
    // What the lost connection was complained of is all there is.
    expect(editor.complaints.filter((one) => !/WebSocket|ERR_CONNECTION/.test(one))).toEqual([]);
  });
});

/** What the server has kept of all documents. */
async function readJournals(): Promise<string> {
  const folder = join(place.place.folder, 'state', 'documents');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jsonl'));
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('');
}

/** As `kill -9` does. */
async function kill(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const gone = new Promise((resolve) => browser.once('disconnected', resolve));
  process.kill(processInfo.find(({ type }) => type === 'browser')!.id, 'SIGKILL');
  await gone;
}
