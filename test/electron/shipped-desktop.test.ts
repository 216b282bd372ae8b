import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeMenu } from '../../electron/menu.ts';
import { buildShipped } from '../browser/build-shipped.ts';
import { dragOut } from '../browser/drag-out.ts';
import { type Desktop, launchDesktop } from '../electron-stand-in/launch-desktop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let desktop: Desktop;
let page: Page;
const troubles: string[] = [];
beforeAll(async () => {
  await buildShipped();
  desktop = await launchDesktop({ entry: `${root}dist/electron/main.mjs` });
  page = (await desktop.pages(1))[0]!;
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  page.on('pageerror', (error) => troubles.push(String(error)));
});
afterAll(() => desktop.close());

describe('the desktop program as it is shipped', () => {
  it('shows the starter graph, and Run makes a picture develop', async () => {
    await page.getByRole('group', { name: 'Sampler' }).first().waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).first().click();
    await page.locator('img[src*="artifact/"]').first().waitFor();
    // It came from the program's own address, and is a picture.
    const width = `document.querySelector('img[src*="artifact/"]').decode().then(() => document.querySelector('img[src*="artifact/"]').naturalWidth)`;
    expect(await page.evaluate(width)).toBeGreaterThan(0);
  });

  it('does what its menu says', async () => {
    await desktop.chooseMenu('view.palette');
    await page.getByRole('dialog').first().waitFor();
    await page.keyboard.press('Escape');
  });

  it('shows a picture of the gallery in its folder', async () => {
    await page.getByRole('tab', { name: 'Gallery' }).click();
    await page.locator('.gallery-picture').first().click();
    await page.getByRole('button', { name: 'Show in folder' }).click();
    const shown = (): Promise<readonly unknown[]> =>
      desktop.evaluate(({ rig }) => rig.calls.filter(({ name }) => name === 'showItemInFolder').map(({ args }) => args));
    await expect.poll(shown).toEqual([[expect.stringMatching(/picture\.png$/)]]);
    await page.keyboard.press('Escape');
  });

  it('lets a picture of the gallery be dragged out as the file it is, and looks like it', async () => {
    await dragOut(page, page.locator('.gallery-picture').first());
    const dragged = (): Promise<readonly unknown[]> =>
      desktop.evaluate(({ rig }) => rig.calls.filter(({ name }) => name === 'startDrag').map(({ args }) => args));
    await expect.poll(dragged).toEqual([[{ file: expect.stringMatching(/Emulsion\/picture\.png$/), icon: { width: 96, height: 96 } }]]);
  });

  it('has nothing to complain of', () => {
    expect(troubles).toEqual([]);
    expect(desktop.stderr()).toBe('');
  });
});

it('the menu names actions that the editor has', async () => {
  const nothing = (): void => undefined;
  const chosen: string[] = [];
  const commands = {
    act: (action: string) => void chosen.push(action),
    newWindow: nothing,
    openRecent: nothing,
    clearRecent: nothing,
    about: nothing,
  };
  const choose = (items: ReturnType<typeof describeMenu>): void => {
    for (const { submenu, click } of items) {
      if (Array.isArray(submenu)) choose(submenu);
      // These items look at nothing that they are given.
      else (click as (() => void) | undefined)?.();
    }
  };
  choose(describeMenu(commands, [], false));
  const sources = await Promise.all(
    ['renderer/actions/all-actions.ts', 'renderer/documents/file-actions.ts'].map((path) => readFile(`${root}${path}`, 'utf8')),
  );
  expect(chosen.length).toBeGreaterThan(20);
  expect(chosen.filter((id) => !sources.join().includes(`'${id}'`))).toEqual([]);
});
