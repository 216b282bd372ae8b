import { afterAll, beforeAll, expect, it } from 'vitest';
import { dragOut } from './drag-out.ts';
import { centreOf, type EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  editor = await place.open();
  await editor.node('sampler').waitFor();
  await editor.button('Run').click();
  await editor.outcome(/^Done in/).waitFor();
  await editor.page.getByRole('tab', { name: 'Gallery' }).click();
  await editor.page.locator('.gallery-picture').first().waitFor();
  // What a drag carries can be read as it begins.
  await editor.page.evaluate(() => {
    window.addEventListener('dragstart', ({ dataTransfer }) => {
      const kinds = [...(dataTransfer?.types ?? [])];
      const carried = Object.fromEntries(kinds.map((kind) => [kind, dataTransfer?.getData(kind)]));
      Object.assign(window, { carried, effect: dataTransfer?.effectAllowed });
    });
  });
});
afterAll(() => place.close());

const tile = () => editor.page.locator('.gallery-picture').first();

it('a picture that is dragged out of the window carries its file’s name and address', async () => {
  await dragOut(editor.page, tile());
  const carried = await editor.page.evaluate<Record<string, string>>('window.carried');
  expect(await editor.page.evaluate('window.effect')).toBe('copy');
  const [, mime, name, address] = /^([^:]+):([^:]+):(.*)$/.exec(carried['downloadurl'] ?? carried['DownloadURL'] ?? '') ?? [];
  expect([mime, name]).toEqual(['image/png', 'picture.png']);
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/artifact\/[\w-]{20,}$/);
  expect(carried['text/uri-list']).toBe(address);
  // The window's own cookie is all it takes to fetch it.
  const start = await editor.page.evaluate(
    async (url) => [...new Uint8Array(await (await fetch(url)).arrayBuffer()).subarray(0, 4)],
    address!,
  );
  expect(start).toEqual([0x89, 0x50, 0x4e, 0x47]);
});

it('the same from where it is shown large', async () => {
  const before = await editor.page.evaluate<Record<string, string>>('window.carried');
  await editor.page.evaluate('window.carried = undefined');
  await tile().click();
  const large = editor.page.getByRole('dialog').locator('.picture-large');
  await large.waitFor();
  await dragOut(editor.page, large);
  expect(await editor.page.evaluate('window.carried')).toMatchObject(before);
  await editor.page.keyboard.press('Escape');
});

it('on the canvas it becomes a node that loads it, or its graph', async () => {
  await dragOut(editor.page, tile(), await centreOf(editor.page.locator('.canvas')));
  await editor.page.getByRole('dialog').getByRole('button', { name: 'Add as Load Image' }).click();
  await editor.page.getByRole('group', { name: 'Load Image' }).waitFor();
  expect(editor.complaints).toEqual([]);
});
