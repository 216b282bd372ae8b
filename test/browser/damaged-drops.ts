import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';

const templates = fileURLToPath(new URL('../../graphs/templates/', import.meta.url));

/** A file that is of no use, made of a graph and a picture that are; and what is said of it. */
interface Damage {
  readonly content: (sound: { readonly graph: string; readonly picture: Buffer }) => string | Uint8Array;
  readonly says: RegExp;
}

const DAMAGED: Readonly<Record<string, Damage>> = {
  'cut.png': { content: ({ picture }) => picture.subarray(0, 20), says: /no PNG, JPEG or WebP picture, or it is damaged/ },
  'empty.png': { content: () => '', says: /no PNG, JPEG or WebP picture, or it is damaged/ },
  'broken.json': { content: ({ graph }) => graph.slice(0, 500), says: /is not valid JSON .*may have been cut off/ },
  'list.json': { content: () => '[]', says: /holds one JSON object, and this one holds \[\]/ },
  'empty.json': { content: () => '', says: /The file is empty; a graph file holds JSON/ },
  'newer.json': {
    content: ({ graph }) => graph.replace('"version": 1,', '"version": 99,'),
    says: /by a newer Emulsion.* 99, .*Update Emulsion/,
  },
  'old.ckpt': { content: () => Buffer.from('80027d71002e', 'hex'), says: /is a PyTorch pickle.*never opened.*Convert it/ },
  'lying.safetensors': { content: ({ picture }) => picture, says: /is no safetensors file/ },
  'empty.safetensors': { content: () => '', says: /is no safetensors file/ },
  'notes.txt': { content: () => 'x', says: /neither a graph nor a picture/ },
};

/** Tests of files that can't be used, dropped on any page that shows the editor; they lie in a folder first, as dropped files do. */
export function describeDamagedDrops(stage: () => { readonly editor: EditorPage; readonly files: string }): void {
  let editor: EditorPage;
  let files: string;
  let graph: string;
  let picture: Buffer;
  let before: string;
  beforeAll(async () => {
    ({ editor, files } = stage());
    graph = await readFile(`${templates}starter.json`, 'utf8');
    picture = await readFile(`${templates}pictures/house.png`);
    await editor.openGraph(files, 'mine', graph);
    await editor.node('sampler').getByLabel('Steps', { exact: true }).fill('7');
    await editor.page.keyboard.press('Enter');
    before = await editor.copyGraph();
  });

  describe('a file that can’t be used, dropped on the canvas', () => {
    it.each(Object.entries(DAMAGED))('%s: a sentence, and the graph is as it was', async (name, { content, says }) => {
      await editor.drop(files, { [name]: content({ graph, picture }) });
      const notice = editor.notice(name);
      await notice.waitFor();
      expect(await notice.allInnerTexts()).toEqual([expect.stringMatching(says)]);
      await notice.getByRole('button', { name: 'Dismiss' }).click();
      await notice.waitFor({ state: 'detached' });
      expect(await editor.copyGraph()).toBe(before);
      expect(await editor.page.getByRole('tab', { name: name.split('.')[0]! }).count()).toBe(0);
    });
  });

  describe('a picture without a graph', () => {
    it('becomes a node that loads it; one that is cut off says so when it runs', async () => {
      const { page } = editor;
      await editor.drop(files, { 'half.png': picture.subarray(0, picture.length >> 1) });
      const loader = page.getByRole('group', { name: 'Load Image' });
      await loader.waitFor();
      // It is selected.
      await page.keyboard.press('ControlOrMeta+Shift+Enter');
      await editor.outcome(/Failed in/).waitFor();
      expect(await loader.locator('.node-failure').innerText()).toMatch(/half\.png/);
      await page.keyboard.press('Delete');
      await loader.waitFor({ state: 'detached' });
      await page.keyboard.press('ControlOrMeta+Z');
      await page.keyboard.press('ControlOrMeta+Z');
      await loader.waitFor({ state: 'detached' });
      expect(await editor.copyGraph()).toBe(before);
    });
  });

  describe('several files at once', () => {
    it('are taken one by one: what can be used is, and each of the others has its sentence', async () => {
      await editor.drop(files, { 'bad.json': '{', 'good.emulsion.json': graph, 'worse.png': 'no picture' });
      await editor.page.getByRole('tab', { name: 'good', selected: true }).waitFor();
      await editor.notice('bad.json').waitFor();
      await editor.notice('worse.png').waitFor();
      await editor.page.getByRole('tab', { name: 'mine' }).click();
      expect(await editor.copyGraph()).toBe(before);
      expect(editor.complaints).toEqual([]);
    });
  });
}
