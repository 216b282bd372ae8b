// npm start: builds what is missing or stale, then opens the editor: in its own window, else in the browser.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildStale } from './build-stale.mjs';
import { electronInstaller, findElectron } from './find-electron.mjs';

/** The editor's usual address: what a browser remembers about it (theme, panels) goes by the port. */
const USUAL_PORT = 4840;

/** A desktop program that ends in trouble this soon never had a window. */
const START_MS = 15_000;

/** What Electron may take to be fetched. */
const FETCH_MS = 300_000;

/** How much later than its effect a signal may be told. */
const SIGNAL_MS = 50;

const BUG = 70;
/** Ended by Ctrl-C, as shells tell it. */
const INTERRUPTED = 130;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const given = process.argv.slice(2);
const wantsBrowser = given.includes('--browser');
const args = given.filter((one) => one !== '--browser');

if (!buildStale(root)) process.exit(BUG);
const obstacle = wantsBrowser ? '' : await openDesktop();
if (obstacle !== undefined) {
  if (obstacle !== '') note(`${obstacle} The editor is served to the browser instead.`);
  await serveEditor();
}

/** Opens the window and stays until it is closed; a sentence where there can be none. */
async function openDesktop() {
  if (!hasDisplay()) return 'There is no display for a window.';
  const electron = findElectron(root, process.env) ?? (await fetchElectron());
  if (electron === undefined) return "Electron's program is not here and could not be fetched (npx install-electron tries again).";
  const beganMs = performance.now();
  // The window hears Ctrl-C as well, and puts things away.
  let isInterrupted = false;
  const interrupt = () => {
    isInterrupted = true;
  };
  process.on('SIGINT', interrupt);
  const program = spawn(electron, [root, ...args], { stdio: 'inherit' });
  const code = await new Promise((resolve) => {
    program.on('error', () => resolve(BUG));
    program.on('exit', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? INTERRUPTED : BUG)));
  });
  // Of one Ctrl-C, the program's end may be told here before the signal is.
  await setTimeout(SIGNAL_MS);
  process.off('SIGINT', interrupt);
  if (!isInterrupted && code !== 0 && code !== INTERRUPTED && performance.now() - beganMs < START_MS)
    return 'The window could not be opened (see above).';
  process.exitCode = code;
  return undefined;
}

/** At the first start with a display. Offline it gives up at once. */
async function fetchElectron() {
  const installer = electronInstaller(root);
  if (installer === undefined) return undefined;
  note('Fetching Electron for the window (once) …');
  const fetching = spawn(process.execPath, [installer], { stdio: 'ignore', timeout: FETCH_MS });
  await new Promise((resolve) => {
    fetching.on('error', resolve);
    fetching.on('exit', resolve);
  });
  return findElectron(root, process.env);
}

/** `emulsion serve` in this process. */
async function serveEditor() {
  const own = ['--open', '--port', String(await findPort()), '--out', join(homedir(), 'Pictures', 'Emulsion')];
  // The last of two options counts.
  process.argv = [process.execPath, join(root, 'bin/emulsion.mjs'), 'serve', ...own, ...args];
  await import(pathToFileURL(join(root, 'dist/emulsion.mjs')).href);
}

/** The usual port, or 0 where another program has it. */
function findPort() {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(USUAL_PORT, '127.0.0.1', () => probe.close(() => resolve(USUAL_PORT)));
  });
}

/** As host/cli/open-browser.ts has it; here nothing is built yet. */
function hasDisplay() {
  if (process.platform === 'win32') return true;
  if (process.platform === 'darwin') return process.env.SSH_CONNECTION === undefined;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function note(line) {
  process.stderr.write(`${line}\n`);
}
