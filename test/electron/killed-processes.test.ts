import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildShipped } from '../browser/build-shipped.ts';
import type { EditorPage } from '../browser/drive-editor.ts';
import { findEvaluator } from '../browser/find-evaluator.ts';
import { describeKilledEvaluator, editInMidDrag, expectInterruptedRun, expectLastEdit, LONG, startRun } from '../browser/long-run.ts';
import { openDesktopEditor } from '../electron-stand-in/drive-desktop.ts';
import { type Desktop, launchDesktop } from '../electron-stand-in/launch-desktop.ts';

const editorFolder = fileURLToPath(new URL('../../dist/renderer', import.meta.url));

let folder: string;
let desktop: Desktop;
let editor: EditorPage;
let files: string;
const start = async (): Promise<void> => {
  desktop = await launchDesktop({ editorFolder, folder });
  ({ editor, files } = await openDesktopEditor(desktop));
};
beforeAll(async () => {
  await buildShipped();
  folder = await mkdtemp(join(tmpdir(), 'emulsion-killed-'));
  await start();
});
afterAll(async () => {
  await desktop.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

describeKilledEvaluator(() => ({ editor, files, findEvaluator: () => findEvaluator(desktop.child.pid) }));

describe('the desktop program, killed in the middle of an edit and of a run', () => {
  it('leaves nothing running; started again, it has the last edit, the steps before it, and the run in its queue', async () => {
    await editor.openGraph(files, 'four', LONG);
    await startRun(editor);
    await editInMidDrag(editor, join(folder, 'state'));
    const evaluator = await findEvaluator(desktop.child.pid);
    desktop.child.kill('SIGKILL');
    await desktop.ended;
    await desktop.close();
    await expect.poll(() => isAlive(evaluator)).toBe(false);

    await start();
    await editor.page.getByRole('tab', { name: /^four/ }).click();
    await expectLastEdit(editor);
    await expectInterruptedRun(editor);
    expect(editor.complaints).toEqual([]);
    expect(desktop.stderr()).toBe('');
  });
});

/** Not even dead and waiting for whoever asks how it ended. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  return status !== undefined && !/^State:\tZ/m.test(status);
}
