import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BROWSER_FLAGS, findBrowser } from '../browser/find-browser.ts';
import { CdpConnection } from './cdp.ts';

/** A browser that belongs to this process and goes with it. */
export interface OwnChromium {
  readonly cdp: CdpConnection;
  /** Where other DevTools clients connect. */
  readonly address: string;
  close(): Promise<void>;
}

/** Starts a browser without windows. */
export async function startChromium(): Promise<OwnChromium> {
  const folder = await mkdtemp(join(process.env['STAND_IN_FOLDER'] ?? tmpdir(), 'emulsion-chromium-'));
  const flags = [
    ...BROWSER_FLAGS,
    '--disable-background-timer-throttling',
    '--disable-renderer-backgrounding',
    '--disable-backgrounding-occluded-windows',
    // Electron has this event; Chromium has it behind a flag.
    '--enable-features=MessagePortCloseEvent',
    '--disable-features=LocalNetworkAccessChecks',
    '--no-startup-window',
    '--remote-debugging-port=0',
    // It ends when this pipe does, however this process ends.
    '--remote-debugging-pipe',
    `--user-data-dir=${folder}`,
  ];
  // In a group of its own: Ctrl-C is for the program, which closes its browser, as Electron does.
  const child = spawn(await findBrowser(), flags, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], detached: true });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const kill = (): void => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.on('exit', kill);
  const address = await readAddress(child);
  const cdp = await CdpConnection.connect(address);
  return {
    cdp,
    address,
    async close() {
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
      await cdp.browser.send('Browser.close').catch(() => undefined);
      await gone;
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

function readAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      const found = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the browser ended (${code}): ${text}`)));
  });
}
