import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { takeTurn } from './take-turn.ts';

const run = promisify(execFile);

const COMMANDS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'google-chrome-beta',
  'microsoft-edge',
  'microsoft-edge-stable',
];

const PLACES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'Google\\Chrome\\Application\\chrome.exe',
    'Microsoft\\Edge\\Application\\msedge.exe',
    'Chromium\\Application\\chrome.exe',
  ].flatMap((path) => ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((name) => join(process.env[name] ?? 'C:\\', path))),
};

/** For containers without a GPU, a display or a network; nothing is asked for or fetched behind a test's back. */
export const BROWSER_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const;

/** How long an installation by another test may take before it is taken for dead. */
const INSTALL_MS = 300_000;

/**
 * The path of a Chromium, Chrome or Edge that can be driven. Where there is none, one is installed, by apt where that is allowed and by
 * Playwright else, and a line says so. A test that needs a browser never passes without one: throws when nothing helps.
 */
export async function findBrowser(): Promise<string> {
  const found = findInstalled();
  if (found !== undefined) return found;
  const release = await takeTurn('emulsion-installs-a-browser', INSTALL_MS);
  try {
    // Whoever had the turn before may have installed it.
    return findInstalled() ?? (await install());
  } finally {
    release();
  }
}

/** A headless browser; close it. */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: await findBrowser(), args: [...BROWSER_FLAGS, ...more], headless: true });
}

function findInstalled(): string | undefined {
  const named = process.env['EMULSION_BROWSER'];
  const onPath = (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => COMMANDS.map((name) => join(folder, name)));
  const candidates = [...(named ? [named] : []), ...(PLACES[process.platform] ?? []), ...onPath, chromium.executablePath()];
  return candidates.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function install(): Promise<string> {
  const failures: string[] = [];
  const apt = aptCommand();
  if (apt !== undefined) {
    say('No Chromium, Chrome or Edge is installed: installing Chromium with apt.');
    const [command, ...args] = apt;
    try {
      await run(command, [...args, 'update', '-qq']);
      await run(command, [...args, 'install', '-y', '-qq', 'chromium'], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    } catch (error) {
      failures.push(`apt: ${firstLine(error)}`);
    }
    const found = findInstalled();
    if (found !== undefined) return found;
  }
  say("No Chromium, Chrome or Edge is installed: fetching Playwright's Chromium.");
  try {
    await run(process.execPath, [join('node_modules', 'playwright-core', 'cli.js'), 'install', 'chromium']);
  } catch (error) {
    failures.push(`playwright: ${firstLine(error)}`);
  }
  const found = findInstalled();
  if (found !== undefined) return found;
  throw new Error(
    `There is no browser to test in, and none could be installed (${failures.join('; ')}). Install Chromium, Chrome or Edge.`,
  );
}

/** How this user calls apt without being asked anything; undefined where that is not allowed. */
function aptCommand(): readonly [string, ...string[]] | undefined {
  const succeeds = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  if (!succeeds('apt-get', '--version')) return undefined;
  if (process.getuid?.() === 0) return ['apt-get'];
  return succeeds('sudo', '-n', 'true') ? ['sudo', '-n', 'apt-get'] : undefined;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 2).join(' ');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
