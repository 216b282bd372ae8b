import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildShipped } from '../browser/build-shipped.ts';
import { type Desktop, launchDesktop } from '../electron-stand-in/launch-desktop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Where Electron's program keeps its switches: this text, a version, how many, and one character each. */
const FUSES = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSE_COUNT = 9;

let folder: string;
let packed: string;
let app: string;
let desktop: Desktop | undefined;
beforeAll(async () => {
  await buildShipped();
  folder = await mkdtemp(join(tmpdir(), 'emulsion-package-'));
  const electron = await makeElectron(join(folder, 'electron'));
  // What `npm run package` does, up to the installers, whose tools are fetched.
  const args = ['--publish', 'never', '--linux', 'dir', `-c.electronDist=${electron}`, `-c.directories.output=${join(folder, 'out')}`];
  await promisify(execFile)(join(root, 'node_modules/.bin/electron-builder'), args, { cwd: root, maxBuffer: 2 ** 26 });
  packed = join(folder, 'out', 'linux-unpacked');
  app = join(packed, 'resources', 'app');
});
afterAll(async () => {
  await desktop?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** What a package is made of beside the program: here everything but Electron itself. */
async function makeElectron(place: string): Promise<string> {
  await mkdir(join(place, 'locales'), { recursive: true });
  await mkdir(join(place, 'resources'));
  await writeFile(
    join(place, 'electron'),
    `#!/bin/sh\nexit 0\n${FUSES}\u0001${String.fromCharCode(FUSE_COUNT)}${'1'.repeat(FUSE_COUNT)}\n`,
  );
  await chmod(join(place, 'electron'), 0o755);
  await writeFile(join(place, 'version'), JSON.parse(await readFile(join(root, 'node_modules/electron/package.json'), 'utf8')).version);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak', 'resources/default_app.asar'])
    await writeFile(join(place, name), '');
  return place;
}

async function sizeOf(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((one) => one.isFile()).map(async (one) => (await stat(join(one.parentPath, one.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('the package', () => {
  it('holds what the program needs, and not what it was made from', async () => {
    const files = (await readdir(app, { recursive: true })).map((path) => path.replaceAll('\\', '/'));
    const has = (path: string): boolean => files.includes(path);
    for (const path of [
      'dist/electron/main.mjs',
      'dist/electron/preload.cjs',
      'dist/evaluator.mjs',
      'dist/renderer/index.html',
      'models/packs/emoji/manifest.json',
      'models/tokenizers/clip/merges.txt',
      'graphs/templates/text-to-image.json',
      'package.json',
    ]) {
      expect([path, has(path)]).toEqual([path, true]);
    }
    expect(
      files.filter((path) => /(^|\/)(test|bench|renderer\/.*\.tsx?|.*\.py|.*\.map)$/.test(path) && !path.startsWith('node_modules/')),
    ).toEqual([]);
    const packages = new Set(files.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]));
    for (const name of ['react', 'elkjs', 'esbuild', 'electron', 'vite']) expect(packages.has(name)).toBe(false);
    // onnxruntime for this system only.
    expect(files.filter((path) => /onnxruntime.*\.(dll|dylib)$/.test(path))).toEqual([]);
    expect(await sizeOf(app)).toBeLessThan(260e6);
  });

  it('has the doors of Electron shut that nobody uses', async () => {
    const program = await readFile(join(packed, 'emulsion'), 'latin1');
    const wire = program.slice(program.indexOf(FUSES) + FUSES.length + 2).slice(0, FUSE_COUNT);
    const [runAsNode, cookieEncryption, nodeOptions, inspect] = wire;
    expect({ runAsNode, cookieEncryption, nodeOptions, inspect }).toEqual({
      runAsNode: '1',
      cookieEncryption: '1',
      nodeOptions: '0',
      inspect: '0',
    });
  });

  it('starts and makes a picture', async () => {
    desktop = await launchDesktop({ entry: join(app, 'dist', 'electron', 'main.mjs'), env: { STAND_IN_IS_PACKAGED: 'yes' } });
    const page = (await desktop.pages(1))[0]!;
    await page.getByRole('group', { name: 'Sampler' }).first().waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).first().click();
    await page.locator('img[src*="artifact/"]').first().waitFor();
    expect(desktop.stderr()).toBe('');
  });
});
