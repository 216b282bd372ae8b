import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';

const STARTER = fileURLToPath(new URL('../../graphs/templates/starter.json', import.meta.url));

/** Two windows of one program. */
export interface TwoWindows {
  readonly one: EditorPage;
  readonly two: EditorPage;
  /** Where graphs are dropped from, and saved. */
  readonly files: string;
  /** Opens a graph file of that folder in a window as a person does. */
  open(of: EditorPage, name: string): Promise<void>;
  /** Closes a window. */
  close(one: EditorPage): Promise<void>;
}

/** Tests of one document in two windows, whatever shows them. */
export function describeSharedDocument(stage: () => TwoWindows): void {
  let one: EditorPage;
  let two: EditorPage;
  let files: string;
  beforeAll(async () => {
    ({ one, two, files } = stage());
    await one.openGraph(files, 'dropped', await readFile(STARTER, 'utf8'));
    await one.saveAs('shared');
  });

  const steps = (of: EditorPage) => of.node('sampler').getByLabel('Steps', { exact: true });
  const guidance = (of: EditorPage) => of.node('sampler').getByLabel('Guidance', { exact: true });
  const set = async (of: EditorPage, field: typeof steps, value: string): Promise<void> => {
    await field(of).fill(value);
    await of.page.keyboard.press('Enter');
  };

  describe('one file in two windows', () => {
    it('is one document: each sees what the other does', async () => {
      await stage().open(two, 'shared');
      await set(one, steps, '7');
      await expect.poll(() => steps(two).inputValue()).toBe('7');
      await set(two, guidance, '2');
      await expect.poll(() => guidance(one).inputValue()).toBe('2');
      expect(await one.copyGraph()).toBe(await two.copyGraph());
    });

    it('loses nothing where both edit at the same moment', async () => {
      await Promise.all([set(one, steps, '11'), set(two, guidance, '6')]);
      for (const window of [one, two]) {
        await expect.poll(async () => [await steps(window).inputValue(), await guidance(window).inputValue()]).toEqual(['11', '6']);
      }
    });

    it('takes back in one window what was done in the other', async () => {
      await two.node('decode').click({ position: { x: 30, y: 8 } });
      await two.page.keyboard.press('Delete');
      await one.node('decode').waitFor({ state: 'detached' });
      await one.page.keyboard.press('ControlOrMeta+Z');
      await two.node('decode').waitFor();
      expect(await one.copyGraph()).toBe(await two.copyGraph());
    });

    it('is saved by either, and then unsaved in neither', async () => {
      await two.page.keyboard.press('ControlOrMeta+S');
      for (const window of [one, two]) await window.page.getByRole('tab', { name: 'shared', exact: true }).waitFor();
      const saved = JSON.parse(await readFile(`${files}/shared.emulsion.json`, 'utf8'));
      expect(saved.nodes.sampler.params).toMatchObject({ steps: 11, guidance: 6 });
      expect(saved.nodes.decode).toBeDefined();
    });
  });

  describe('a window that is closed', () => {
    it('is let go of: its document is offered, and no longer said to be open elsewhere', async () => {
      await one.openGraph(files, 'alone', await readFile(STARTER, 'utf8'));
      await set(one, steps, '9');
      await two.command('Start page');
      // A file that was opened is among the recent ones too, further down.
      const item = two.page.locator('.start-file', { hasText: 'alone' }).first();
      await expect.poll(() => item.innerText()).toContain('open in another window');
      await stage().close(one);
      await expect.poll(() => item.innerText(), { timeout: 20_000 }).not.toContain('open in another window');
      await item.click();
      await two.page.getByRole('tab', { name: /^alone/, selected: true }).waitFor();
      expect(await steps(two).inputValue()).toBe('9');
      await two.page.keyboard.press('ControlOrMeta+Z');
      await expect.poll(() => steps(two).inputValue()).toBe('20');
      expect(two.complaints).toEqual([]);
    });
  });
}
