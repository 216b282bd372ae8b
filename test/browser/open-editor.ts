import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext } from 'playwright-core';
import { type CommandPlace, openCommandPlace, type RunningCommand } from '../e2e/spawn-command.ts';
import { buildShipped } from './build-shipped.ts';
import { driveEditor, type EditorPage } from './drive-editor.ts';
import { launchBrowser } from './find-browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `emulsion serve` with a folder of its own, and a browser. */
export interface EditorPlace {
  readonly place: CommandPlace;
  /** Graphs may be saved here, and files that are dropped lie here. */
  readonly files: string;
  readonly browser: Browser;
  readonly server: () => RunningCommand;
  /** Lets a browser in. */
  address(): string;
  /** A window; in a profile of its own, unless it is given one. */
  open(options?: WindowOptions): Promise<EditorPage>;
  /** Kills the server as `kill -9` does and starts it anew over the same folder, on the same port. */
  killAndRestart(...options: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** How a window is opened. */
export interface WindowOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly context?: BrowserContext;
  /** In another browser. */
  readonly browser?: Browser;
}

/** Opens one. What ships is built first where it is stale. `nodes`: the program as it ships, or with test nodes in place of its own. */
export async function openEditorPlace({ nodes = 'shipped' }: { readonly nodes?: 'shipped' | 'test' } = {}): Promise<EditorPlace> {
  await buildShipped();
  const place = await openCommandPlace(nodes === 'shipped' ? join(root, 'bin/emulsion.mjs') : undefined);
  const browser = await launchBrowser();
  const files = join(place.folder, 'files');
  await mkdir(files);
  let { server, address } = await serve(place, files);
  return {
    place,
    files,
    browser,
    server: () => server,
    address: () => address,
    async open({ colorScheme = 'dark', browser: other = browser, context: given } = {}) {
      const context =
        given ??
        (await other.newContext({
          viewport: { width: 1440, height: 900 },
          colorScheme,
          permissions: ['clipboard-read', 'clipboard-write'],
        }));
      const page = await context.newPage();
      const editor = driveEditor(page);
      await page.goto(address);
      await page.locator('[data-node-body], .start-page').first().waitFor();
      return editor;
    },
    async killAndRestart(...options) {
      const port = new URL(address).port;
      server.child.kill('SIGKILL');
      await server.ended;
      ({ server, address } = await serve(place, files, ['--port', port, ...options]));
    },
    async close() {
      await browser.close();
      server.pressCtrlC();
      await server.ended;
      await place.close();
    },
  };
}

async function serve(place: CommandPlace, files: string, more = ['--port', '0']): Promise<{ server: RunningCommand; address: string }> {
  const env = {
    EMULSION_STATE_DIR: join(place.folder, 'state'),
    EMULSION_TEST_EDITOR: join(root, 'dist/renderer'),
  };
  const server = place.start(['serve', '--json', ...more, '--out', join(place.folder, 'out'), '--allow', files], env);
  const [, address = ''] = await server.waitFor('stdout', /"address":"([^"]+)"/);
  return { server, address };
}
