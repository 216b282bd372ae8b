import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildShipped } from '../browser/build-shipped.ts';
import { follow, type RunningCommand } from '../e2e/spawn-command.ts';
import { buildRegister } from '../electron-stand-in/launch-desktop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
beforeAll(async () => {
  await buildShipped();
  folder = await mkdtemp(join(tmpdir(), 'emulsion-start-'));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

/** `npm start`, without npm. No display and no Electron, unless `env` says otherwise. */
function start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): RunningCommand {
  return follow(
    spawn(process.execPath, [join(root, 'bin/start.mjs'), ...args], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        HOME: folder,
        EMULSION_STATE_DIR: join(folder, 'state'),
        EMULSION_CACHE_DIR: join(folder, 'cache'),
        DISPLAY: '',
        WAYLAND_DISPLAY: '',
        ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'no-electron'),
        ...env,
      },
    }),
  );
}

/** A program in a folder of its own. */
async function makeProgram(place: string, name: string, script: string): Promise<string> {
  await mkdir(join(folder, place), { recursive: true });
  await writeFile(join(folder, place, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, place, name), 0o755);
  return join(folder, place);
}

describe('npm start', () => {
  it('without a display says so in a line and serves the editor soon', async () => {
    const beganMs = performance.now();
    const command = start();
    const [, address = ''] = await command.waitFor('stdout', /^(http:\/\/127\.0\.0\.1:\d+\/\?token=\S+)\n/);
    const welcome = await fetch(address, { redirect: 'manual' });
    const tookMs = performance.now() - beganMs;
    const cookie = welcome.headers.get('set-cookie')?.split(';')[0] ?? '';
    const page = await fetch(new URL('/', address), { headers: { cookie } });
    expect(await page.text()).toContain('<div id="root">');
    await command.waitFor('stderr', /Ctrl-C ends it/);
    command.pressCtrlC();
    const { code, stderr, leftProcesses } = await command.ended;
    expect({ code, leftProcesses, first: stderr.split('\n')[0] }).toEqual({
      code: 0,
      leftProcesses: false,
      first: 'There is no display for a window. The editor is served to the browser instead.',
    });
    // 0.7 s on two idle cores; here other tests run beside it.
    expect(tookMs).toBeLessThan(5000);
  });

  it('takes another port where the usual one is in use', async () => {
    const other = createServer();
    // Somebody else may have it already, which does as well.
    await new Promise<void>((resolve) => other.once('error', () => resolve()).listen(4840, '127.0.0.1', resolve));
    const command = start();
    const [, port] = await command.waitFor('stdout', /^http:\/\/127\.0\.0\.1:(\d+)\//);
    expect(port).not.toBe('4840');
    other.close();
    command.pressCtrlC();
    await command.ended;
  });

  it('opens the browser where there is a screen, at an address that lets in once', async () => {
    const path = await makeProgram('browser', 'xdg-open', `echo "$1" > '${join(folder, 'opened')}'`);
    const command = start(['--browser', '--port', '0'], { DISPLAY: ':7', PATH: `${path}:${process.env['PATH']}` });
    const [, printed = ''] = await command.waitFor('stdout', /^(http:\S+)\n/);
    await expect.poll(() => readFile(join(folder, 'opened'), 'utf8').catch(() => '')).toMatch(/^http:.*\n$/);
    const opened = await readFile(join(folder, 'opened'), 'utf8');
    const [login, token] = [opened.trim(), printed].map((address) => new URL(address).searchParams.get('token'));
    expect(login).not.toBe(token);
    expect((await fetch(opened.trim(), { redirect: 'manual' })).status).toBe(303);
    expect((await fetch(opened.trim(), { redirect: 'manual' })).status).toBe(401);
    expect((await fetch(printed, { redirect: 'manual' })).status).toBe(303);
    command.pressCtrlC();
    await command.ended;
  });

  it('opens the window where there are Electron and a display, and ends with it', async () => {
    const register = await buildRegister();
    // The program that Electron would be: it begins with the package's own entry, and here ends when it has shown its window.
    const script = `echo "opened $1" >&2; exec '${process.execPath}' --import '${register}' "$1/dist/electron/main.mjs" "$@"`;
    const electron = await makeProgram('electron', 'electron', script);
    const command = start([], { DISPLAY: ':7', ELECTRON_OVERRIDE_DIST_PATH: electron });
    await command.waitFor('stderr', /^opened \/.*\n/);
    await expect
      .poll(
        () =>
          stat(join(folder, 'state', 'desktop', 'stand-in-lock')).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    command.pressCtrlC();
    expect(await command.ended).toMatchObject({ code: 0, stdout: '' });
    // The browser's helpers need a moment more.
    const isGroupLeft = (): boolean => {
      try {
        return process.kill(-command.child.pid!, 0);
      } catch {
        return false;
      }
    };
    await expect.poll(isGroupLeft, { timeout: 10_000 }).toBe(false);
  });

  it('ends, and serves nothing, when Ctrl-C comes before the window can hear it', async () => {
    const electron = await makeProgram('slow', 'electron', 'echo "opening" >&2; exec sleep 60');
    const command = start([], { DISPLAY: ':7', ELECTRON_OVERRIDE_DIST_PATH: electron });
    await command.waitFor('stderr', /^opening\n/);
    command.pressCtrlC();
    expect(await command.ended).toMatchObject({ code: 130, stdout: '', stderr: 'opening\n', leftProcesses: false });
  });

  it('serves the editor where the window does not open', async () => {
    const electron = await makeProgram('broken', 'electron', 'echo "cannot open display" >&2; exit 1');
    const command = start(['--port', '0'], { DISPLAY: ':7', ELECTRON_OVERRIDE_DIST_PATH: electron, PATH: '/nowhere' });
    await command.waitFor('stdout', /^http:/);
    await command.waitFor('stderr', /The window could not be opened \(see above\)\. The editor is served to the browser instead\.\n/);
    await command.waitFor('stderr', /No browser could be started/);
    command.pressCtrlC();
    expect(await command.ended).toMatchObject({ code: 0 });
  });
});
