import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { hasDisplay } from '../../host/cli/open-browser.ts';
import { buildShipped } from '../browser/build-shipped.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** As bin/find-electron.mjs: nothing may import the package, which would begin to download its program. */
function findElectron(): string | undefined {
  const folder = join(root, 'node_modules/electron');
  const pathFile = join(folder, 'path.txt');
  const path = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8').trim()) : undefined;
  return path !== undefined && existsSync(path) ? path : undefined;
}

const electron = findElectron();
const canShow = hasDisplay(process.env, process.platform);

if (electron !== undefined && canShow) {
  describe('the desktop program in the real Electron', () => {
    it('shows the editor at its own scheme, and Run makes a picture', async () => {
      await buildShipped();
      const folder = await mkdtemp(join(tmpdir(), 'emulsion-electron-'));
      const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
      const app = await _electron.launch({
        executablePath: electron,
        args: [...flags, root],
        env: { ...process.env, EMULSION_STATE_DIR: join(folder, 'state'), EMULSION_CACHE_DIR: join(folder, 'cache') } as Record<
          string,
          string
        >, // undefined ones are left out
      });
      const page = await app.firstWindow();
      const troubles: string[] = [];
      page.on('pageerror', (error) => troubles.push(String(error)));
      await page.getByRole('group', { name: 'Sampler' }).first().waitFor();
      expect(page.url()).toBe('emulsion://editor/');
      await page.getByRole('button', { name: 'Run', exact: true }).first().click();
      await page.locator('img[src*="artifact/"]').first().waitFor();
      expect(troubles).toEqual([]);
      await app.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    });
  });
} else {
  it('the real Electron is tested where it is', () => {
    process.stderr.write('Electron’s program or a display is missing here: the desktop program was tested over its stand-in only.\n');
    expect(electron === undefined || !canShow).toBe(true);
  });
}
