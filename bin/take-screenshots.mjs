// Takes the pictures of the window in docs/screenshots/ anew, from the editor as it ships. Needs Chromium: its path, or EMULSION_BROWSER.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { buildStale } from './build-stale.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const browserPath = process.argv[2] ?? process.env.EMULSION_BROWSER ?? '/usr/bin/chromium';
const target = join(root, 'docs/screenshots');

if (!buildStale(root)) process.exit(1);
const folder = await mkdtemp(join(tmpdir(), 'emulsion-screenshots-'));
const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
try {
  for (const theme of ['dark', 'light']) await take(theme);
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

async function take(theme) {
  const home = join(folder, theme);
  const env = { ...process.env, EMULSION_STATE_DIR: join(home, 'state'), EMULSION_CACHE_DIR: join(home, 'cache') };
  const args = [join(root, 'bin/emulsion.mjs'), 'serve', '--json', '--port', '0', '--out', join(home, 'out')];
  const server = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
    const page = await context.newPage();
    const shoot = (name) => page.screenshot({ path: join(target, `${name}-${theme}.png`) });
    await page.goto(await addressOf(server));
    await page.locator('[data-node-body="save"]').getByLabel('Format').waitFor();
    await shoot('start');

    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.locator('[data-node-body="sampler"] img').waitFor();
    await shoot('running');
    await page
      .getByRole('status')
      .filter({ hasText: /Done in/ })
      .waitFor();

    const socket = (node, side, name) => page.locator(`[data-socket][data-node="${node}"][data-side="${side}"][data-name="${name}"]`);
    await moveTo(page, socket('checkpoint', 'output', 'vae'));
    await page.mouse.down();
    await page.mouse.move(420, 460, { steps: 4 });
    await moveTo(page, socket('sampler', 'input', 'model'));
    await page.getByText(/its input Model wants/).waitFor();
    await shoot('refusal');
    await page.mouse.up();
    await page.locator('.notice').getByRole('button').click();

    await page.getByRole('tab', { name: 'Gallery' }).click();
    await page.locator('.gallery-picture').first().click();
    await page.getByRole('dialog').locator('img').waitFor();
    await shoot('gallery');
    await context.close();
  } finally {
    server.kill('SIGINT');
    await new Promise((resolve) => server.once('exit', resolve));
  }
}

async function moveTo(page, locator) {
  const { x, y, width, height } = await locator.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2, { steps: 4 });
}

/** The address that `serve --json` prints once it listens. */
function addressOf(server) {
  return new Promise((resolve, reject) => {
    let text = '';
    server.stdout.setEncoding('utf8').on('data', (more) => {
      text += more;
      const [, address] = /"address":"([^"]+)"/.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    });
    server.once('exit', (code) => reject(new Error(`serve ended with ${code}.`)));
  });
}
