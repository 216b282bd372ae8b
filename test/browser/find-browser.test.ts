import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from './find-browser.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

it('finds a browser that can be driven', async () => {
  expect(await findBrowser()).toMatch(/chrom|edge/i);
  const page = await browser.newPage();
  await page.setContent('<h1>Hello</h1>');
  expect(await page.getByRole('heading').textContent()).toBe('Hello');
});
