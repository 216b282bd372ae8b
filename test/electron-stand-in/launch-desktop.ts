import { type ChildProcess, fork } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { buildTestEvaluator } from '../e2e/open-test-host.ts';
import type * as electron from './electron.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundles = join(root, 'node_modules/.cache/emulsion');

/** The stand-in, as what tests evaluate in the main process is given it. */
export type StandIn = typeof electron;

/** The desktop program, running in a process of its own. */
export interface Desktop {
  readonly child: ChildProcess;
  /** Everything it keeps. */
  readonly folder: string;
  readonly stderr: () => string;
  /** Calls a function in the main process. It sees nothing of the test's but its arguments. */
  evaluate<T, A extends readonly unknown[]>(act: (electron: StandIn, ...args: A) => T | Promise<T>, ...args: A): Promise<T>;
  /** The pages, once there are so many. */
  pages(count: number): Promise<Page[]>;
  /** Chooses a menu item by its id. */
  chooseMenu(id: string): Promise<void>;
  /** Sets up the answer of the next dialog of that name. */
  answer(dialog: string, answer: unknown): Promise<void>;
  readonly ended: Promise<{ readonly code: number | null }>;
  close(): Promise<void>;
}

/** How it is started. */
export interface LaunchOptions {
  /** The program; left out: the shell over test nodes and a page that only connects. */
  readonly entry?: string;
  /** The editor that the shell over test nodes shows, as it was built; left out: a page that only connects. */
  readonly editorFolder?: string;
  readonly files?: readonly string[];
  /** A folder of an earlier start; left out: a new one, removed at the end. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it. */
export async function launchDesktop(options: LaunchOptions = {}): Promise<Desktop> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'emulsion-desktop-')));
  const register = await buildRegister();
  const isReal = options.entry !== undefined;
  const entry = options.entry ?? (await buildTestEvaluator('test/electron-stand-in/test-desktop.ts'));
  // As `electron .` is given them: the program, then its folder.
  const args = [...(isReal ? [root] : ['.']), ...(options.files ?? [])];
  const child = fork(entry, args, {
    execArgv: ['--import', register],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      HOME: folder,
      // What a program that is killed leaves behind goes with the folder.
      STAND_IN_FOLDER: folder,
      EMULSION_STATE_DIR: join(folder, 'state'),
      EMULSION_CACHE_DIR: join(folder, 'cache'),
      EMULSION_MODELS: '',
      ...(isReal
        ? {}
        : {
            EMULSION_TEST_FOLDER: folder,
            EMULSION_TEST_EVALUATOR: await buildTestEvaluator(),
            EMULSION_TEST_PRELOAD: await buildTestPage(folder),
            EMULSION_TEST_EDITOR: options.editorFolder ?? join(folder, 'dist', 'renderer'),
          }),
      ...options.env,
    },
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout?.resume();
  const ended = new Promise<{ code: number | null }>((resolve) => child.once('exit', (code) => resolve({ code })));
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  child.on('message', ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new Error(error));
  });
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`the program ended: ${stderr}`));
  });
  let browser: Browser | undefined;

  const desktop: Desktop = {
    child,
    folder,
    stderr: () => stderr,
    ended,
    evaluate(act, ...args) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject }); // the answer to this very call
        child.send({ id, source: String(act), args }, (error) => error && reject(error));
      });
    },
    async pages(count) {
      const address = await desktop.evaluate(({ rig }) => rig.devTools);
      browser ??= await chromium.connectOverCDP(address);
      const contexts = browser.contexts();
      for (;;) {
        const pages = contexts.flatMap((context) => context.pages());
        if (pages.length >= count) {
          // Each begins empty, until the program has given it its address.
          await Promise.all(pages.map((page) => page.waitForURL(/\.localhost:/, { waitUntil: 'domcontentloaded' })));
          return pages;
        }
        await contexts[0]?.waitForEvent('page');
      }
    },
    chooseMenu: (id) =>
      desktop.evaluate(({ Menu }, wanted) => {
        const item = Menu.getApplicationMenu()?.getMenuItemById(wanted);
        if (!item) throw new Error(`there is no menu item ${wanted}`);
        item.click();
      }, id),
    answer: (dialog, answer) =>
      desktop.evaluate(({ rig }, name, value) => void rig.answers.push({ dialog: name, answer: value }), dialog, answer),
    async close() {
      await browser?.close().catch(() => undefined);
      if (child.exitCode === null && child.signalCode === null) {
        child.send({ id: 0, source: '({ app }) => app.quit()', args: [] }, () => undefined);
        const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
        await ended;
        clearTimeout(timer);
      }
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  return desktop;
}

/** Bundles what is given to node with --import; inside the repository, where it finds its packages. */
export async function buildRegister(): Promise<string> {
  const [main, isolated] = await Promise.all(['main-world', 'isolated-world'].map(bundlePage));
  const outfile = join(bundles, `electron-stand-in-${process.pid}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: ['test/electron-stand-in/register.ts'],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    define: { STAND_IN_WORLDS: JSON.stringify({ main, isolated }) },
    logLevel: 'warning',
  });
  return outfile;
}

async function bundlePage(name: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`test/electron-stand-in/page/${name}.ts`],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    write: false,
    logLevel: 'warning',
  });
  return outputFiles[0]!.text;
}

/** An editor that only connects, and the real preload script; returns where that lies. */
async function buildTestPage(folder: string): Promise<string> {
  const editor = join(folder, 'dist', 'renderer');
  await mkdir(join(editor, 'assets'), { recursive: true });
  await mkdir(join(folder, 'graphs', 'templates'), { recursive: true });
  await mkdir(join(folder, 'models', 'packs'), { recursive: true });
  await writeFile(join(editor, 'assets', 'main.js'), await bundlePage('test-page'));
  await copyFile(join(root, 'test/electron-stand-in/page/test-page.html'), join(editor, 'index.html'));
  const preload = join(folder, 'preload.cjs');
  const built = await build({
    absWorkingDir: root,
    entryPoints: ['electron/preload.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['electron'],
    write: false,
    logLevel: 'warning',
  });
  await writeFile(preload, built.outputFiles[0]!.contents);
  return preload;
}

/** A file that a person may drop: the rig is told where it lies, as Electron would know. */
export async function makeDroppable(
  desktop: Desktop,
  path: string,
): Promise<{ readonly name: string; readonly mimeType: string; readonly buffer: Buffer }> {
  const buffer = await readFile(path);
  await desktop.evaluate(({ rig }, key, place) => void rig.server.droppable.set(key, place), `${basename(path)} ${buffer.length}`, path);
  return { name: basename(path), mimeType: 'application/octet-stream', buffer };
}
