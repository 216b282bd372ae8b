import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

const templates = fileURLToPath(new URL('../../graphs/templates/', import.meta.url));

let place: EditorPlace;
let editor: EditorPage;
let page: Page;
beforeAll(async () => {
  place = await openEditorPlace();
  editor = await place.open();
  page = editor.page;
});
afterAll(() => place.close());

const dialog = (name: string): Locator => page.getByRole('dialog', { name, exact: true });
const sheet = (): Locator => page.getByRole('application');
const fileOf = async (node: string): Promise<string> => JSON.parse(await editor.copyGraph()).nodes[node].params.file;

async function openTemplate(title: string): Promise<void> {
  await editor.command('Start page');
  await page
    .locator('.start-page')
    .getByRole('button', { name: new RegExp(`^${title}`) })
    .click();
  await page.getByRole('tab', { name: title, selected: true }).waitFor();
}

/** Draws a line through places of the sheet, given as shares of its sides. */
async function drawLine(...places: readonly (readonly [x: number, y: number])[]): Promise<void> {
  const box = await sheet().boundingBox();
  if (box === null) throw new Error('the sheet is not shown');
  for (const [at, [x, y]] of places.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 6 });
    if (at === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

/** The colour that is shown at a place of the sheet, all canvases over each other. */
const colorAt = (x: number, y: number): Promise<number[]> =>
  page.evaluate(
    ([x, y]) => {
      const context = new OffscreenCanvas(1, 1).getContext('2d');
      for (const canvas of document.querySelectorAll<HTMLCanvasElement>('.draw-sheet canvas')) {
        context?.drawImage(canvas, -Math.floor(x * canvas.width), -Math.floor(y * canvas.height));
      }
      return [...(context?.getImageData(0, 0, 1, 1).data ?? [])];
    },
    [x, y] as const,
  );

/** What was uploaded last, as it lies in the state folder. */
const readUpload = async (file: string): Promise<Buffer> => readFile(join(place.place.folder, 'state', 'uploads', file));

describe('drawing on Load Image', () => {
  it('a line is drawn, taken back, erased; what is used becomes the file in one step, and the picture another one', async () => {
    await openTemplate('Image to image');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await editor.outcome(/^Done in/).waitFor();
    const shown = () => page.evaluate<string>('document.querySelector(\'[data-node-body="save"] img\')?.src ?? ""');
    const before = { file: await fileOf('image'), picture: await shown() };

    await editor.node('image').getByRole('button', { name: 'Draw', exact: true }).press('Enter');
    await dialog('Draw').waitFor();
    const blank = await colorAt(0.5, 0.05);
    await dialog('Draw').getByRole('button', { name: 'Blue' }).click();
    await drawLine([0.1, 0.05], [0.9, 0.05]);
    await expect.poll(() => colorAt(0.5, 0.05)).toEqual([47, 111, 216, 255]);
    await page.keyboard.press('ControlOrMeta+Z');
    await expect.poll(() => colorAt(0.5, 0.05)).toEqual(blank);
    await page.keyboard.press('ControlOrMeta+Shift+Z');
    await expect.poll(() => colorAt(0.5, 0.05)).toEqual([47, 111, 216, 255]);
    await page.keyboard.press('e');
    await drawLine([0.4, 0.05], [0.6, 0.05]);
    await expect.poll(() => colorAt(0.5, 0.05)).toEqual(blank);
    expect(await editor.findAxeViolations()).toEqual([]);
    await page.getByRole('button', { name: 'Use drawing' }).click();
    await dialog('Draw').waitFor({ state: 'detached' });

    const drawn = await fileOf('image');
    expect(drawn).toMatch(/^[0-9a-f]{32}\/drawing\.png$/);
    const { width = 0, height = 0 } = await sharp(await readUpload(drawn)).metadata();
    const pixels = await sharp(await readUpload(drawn))
      .removeAlpha()
      .raw()
      .toBuffer();
    const at = 3 * (Math.floor(0.05 * height) * width + Math.floor(0.2 * width));
    expect([...pixels.subarray(at, at + 3)]).toEqual([47, 111, 216]);

    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect.poll(shown, { timeout: 30_000 }).not.toBe(before.picture);
    await editor.outcome(/^Done in/).waitFor();
    await page.keyboard.press('ControlOrMeta+Z');
    expect(await fileOf('image')).toBe(before.file);
    await page.keyboard.press('ControlOrMeta+Shift+Z');
    expect(await fileOf('image')).toBe(drawn);
    expect(editor.complaints).toEqual([]);
  });

  it('goes on where it ended: lines of an earlier time can still be taken back', async () => {
    await editor.node('image').getByRole('button', { name: 'Draw', exact: true }).click();
    await expect.poll(() => colorAt(0.2, 0.05)).toEqual([47, 111, 216, 255]);
    await page.keyboard.press('ControlOrMeta+Z');
    await page.keyboard.press('ControlOrMeta+Z');
    await expect.poll(() => colorAt(0.2, 0.05)).not.toEqual([47, 111, 216, 255]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Discard' }).click();
    await dialog('Draw').waitFor({ state: 'detached' });
    expect(editor.complaints).toEqual([]);
  });

  it('draws by keys alone on an empty sheet of a chosen size and colour', async () => {
    await editor.node('image').getByRole('button', { name: 'Draw', exact: true }).focus();
    await page.keyboard.press('Enter');
    await dialog('Draw').waitFor();
    const start = page.getByRole('group', { name: 'Begin with' });
    await start.getByLabel('Width').fill('96');
    await start.getByLabel('Height').fill('64');
    await start.getByLabel('Sheet', { exact: true }).fill('#ffee00');
    await start.getByRole('button', { name: 'Empty sheet' }).press('Enter');
    await expect.poll(() => colorAt(0.5, 0.5)).toEqual([255, 238, 0, 255]);
    await sheet().focus();
    for (const key of ['Space', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Space']) await page.keyboard.press(key);
    await expect.poll(() => colorAt(0.52, 0.5)).toEqual([0, 0, 0, 255]);
    await page.getByRole('button', { name: 'Use drawing' }).press('Enter');
    await dialog('Draw').waitFor({ state: 'detached' });
    expect(await sharp(await readUpload(await fileOf('image'))).metadata()).toMatchObject({ width: 96, height: 64 });
    expect(editor.complaints).toEqual([]);
  });

  it('a pen that is pressed harder draws a wider line', async () => {
    await editor.node('image').getByRole('button', { name: 'Draw', exact: true }).click();
    await page.getByRole('group', { name: 'Begin with' }).getByLabel('Width').fill('400');
    await page.getByRole('group', { name: 'Begin with' }).getByLabel('Height').fill('400');
    await page.getByRole('button', { name: 'Empty sheet' }).click();
    await expect.poll(() => sheet().getAttribute('aria-label')).toContain('400 × 400');
    await page.getByRole('slider', { name: 'Size' }).fill('40');
    const session = await page.context().newCDPSession(page);
    const { x, y, width } = (await sheet().boundingBox()) ?? { x: 0, y: 0, width: 0 };
    for (const [share, force] of [
      [0.3, 0.1],
      [0.7, 1],
    ] as const) {
      const pen = { pointerType: 'pen', button: 'left', force, y: y + width * share } as const;
      await session.send('Input.dispatchMouseEvent', { type: 'mousePressed', clickCount: 1, x: x + width * 0.2, ...pen });
      for (let step = 1; step <= 12; step++) {
        await session.send('Input.dispatchMouseEvent', { type: 'mouseMoved', buttons: 1, x: x + width * (0.2 + 0.05 * step), ...pen });
      }
      await session.send('Input.dispatchMouseEvent', { type: 'mouseReleased', x: x + width * 0.8, ...pen });
    }
    await session.detach();
    const thickness = async (share: number): Promise<number> => {
      const column = await Promise.all(Array.from({ length: 60 }, (_, at) => colorAt(0.5, share + (at - 30) / 400)));
      return column.filter(([red = 0]) => red < 128).length;
    };
    await expect.poll(() => thickness(0.7)).toBeGreaterThan(20);
    expect(await thickness(0.3)).toBeLessThan((await thickness(0.7)) * 0.8);
    expect(await thickness(0.3)).toBeGreaterThan(3);
    await dialog('Draw').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
  });
});

describe('a picture dropped on Load Image', () => {
  it('becomes its file in one step', async () => {
    const before = await editor.copyGraph();
    const picture = await readFile(join(templates, 'pictures/house.png'));
    await editor.drop(place.files, { 'mine.png': picture }, editor.node('image'));
    await expect.poll(() => fileOf('image')).toMatch(/\/mine\.png$/);
    expect(Object.keys(JSON.parse(await editor.copyGraph()).nodes)).toHaveLength(10);
    await page.keyboard.press('ControlOrMeta+Z');
    expect(await editor.copyGraph()).toBe(before);
    expect(editor.complaints).toEqual([]);
  });
});

describe('drawing a mask', () => {
  it('is white on black, in the size of the picture that it is laid over, which is seen beneath', async () => {
    await openTemplate('Inpaint');
    await editor.node('mask').getByRole('button', { name: 'Draw mask', exact: true }).click();
    await dialog('Draw mask').waitFor();
    await dialog('Draw mask').getByRole('button', { name: 'Clear' }).click();
    const house = await sharp(join(templates, 'pictures/house.png')).raw().toBuffer({ resolveWithObject: true });
    const middle = 3 * (32 * house.info.width + 32);
    const half = [...house.data.subarray(middle, middle + 3)].map((value) => value / 2);
    const seen = await colorAt(0.5, 0.5);
    for (const [at, value] of half.entries()) expect(Math.abs((seen[at] ?? 0) - value)).toBeLessThanOrEqual(2);
    expect(await editor.findAxeViolations()).toEqual([]);
    await drawLine([0.2, 0.5], [0.8, 0.5]);
    await page.getByRole('button', { name: 'Use mask' }).click();
    await dialog('Draw mask').waitFor({ state: 'detached' });
    const file = await fileOf('mask');
    const { data, info } = await sharp(await readUpload(file))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([64, 64]);
    const at = (x: number, y: number): number[] => [...data.subarray(3 * (y * 64 + x), 3 * (y * 64 + x) + 3)];
    expect([at(32, 32), at(32, 2)]).toEqual([
      [255, 255, 255],
      [0, 0, 0],
    ]);
    expect(editor.complaints).toEqual([]);
  });
});
