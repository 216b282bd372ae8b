import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';
import { launchBrowser } from './find-browser.ts';
import { findEvaluator } from './find-evaluator.ts';
import {
  describeKilledEvaluator,
  editInMidDrag,
  expectInterruptedRun,
  expectLastEdit,
  expectShortRun,
  LONG,
  startRun,
} from './long-run.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace({ nodes: 'test' });
  editor = await place.open();
});
afterAll(() => place.close());

describeKilledEvaluator(() => ({ editor, files: place.files, findEvaluator: () => findEvaluator(place.server().child.pid) }));

describe('the browser, killed in the middle of an edit and of a run', () => {
  it('has the last edit and the steps before it when it is back; the run has gone on', async () => {
    const other = await launchBrowser();
    const lost = await place.open({ browser: other });
    await lost.openGraph(place.files, 'four', LONG);
    await startRun(lost);
    await editInMidDrag(lost, join(place.place.folder, 'state'));
    await kill(other);

    const again = await place.open();
    await again.page.getByRole('tab', { name: /^four/ }).click();
    await again.page.getByRole('tab', { name: 'Queue' }).click();
    const running = again.page.getByRole('listitem', { name: /, running$/ });
    await running.getByRole('button', { name: 'Cancel' }).click();
    await running.waitFor({ state: 'detached' });
    await expectLastEdit(again);
    await expectShortRun(again);
    await again.page.context().close();
  });
});

describe('the server, killed in the middle of a run', () => {
  it('lets the window know; when it is back, the run waits in its queue and the window can run again', async () => {
    await editor.openGraph(place.files, 'five', LONG);
    await startRun(editor);
    await place.killAndRestart();
    await editor.outcome(/^Connected/).waitFor();
    await editor.outcome(/^Failed/).waitFor();
    await expectInterruptedRun(editor);
    // What the lost connection was complained of is all there is.
    expect(editor.complaints.filter((one) => !/WebSocket|ERR_CONNECTION/.test(one))).toEqual([]);
  });
});

/** As `kill -9` does. */
async function kill(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const gone = new Promise((resolve) => browser.once('disconnected', resolve));
  process.kill(processInfo.find(({ type }) => type === 'browser')!.id, 'SIGKILL');
  await gone;
}
