import type { Locator, Page } from 'playwright-core';
import { centreOf } from './drive-editor.ts';

/** Takes something with the mouse, moves it out of the window or to another place, and lets go. */
export async function dragOut(
  page: Page,
  what: Locator,
  to: { readonly x: number; readonly y: number } = { x: -40, y: -40 },
): Promise<void> {
  const from = await centreOf(what);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}
