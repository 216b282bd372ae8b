import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RigServer } from './rig-server.ts';

/** An event whose default may be prevented. */
export interface PreventableEvent {
  defaultPrevented: boolean;
  preventDefault(): void;
}

/** A new one. */
export function makeEvent<T extends object>(more: T): T & PreventableEvent {
  return {
    ...more,
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true;
    },
  };
}

/** What the app needs of the rest. */
export interface AppParts {
  readonly server: RigServer;
  /** Called when the program first waits to be ready. */
  start(): Promise<void>;
  closeWindows(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Electron's `app`. */
export class App extends EventEmitter {
  /** As a package has it, when a test says so. */
  readonly isPackaged = process.env['STAND_IN_IS_PACKAGED'] === 'yes';
  readonly recentDocuments: string[] = [];
  readonly #parts: AppParts;
  readonly #paths = new Map<string, string>();
  #name = 'Electron';
  #lock: string | undefined;
  #ready: Promise<void> | undefined;
  #isQuitting = false;

  constructor(parts: AppParts) {
    super();
    this.#parts = parts;
    parts.server.onSecondInstance = (given) => {
      const { argv, folder, data } = given as { argv: string[]; folder: string; data: unknown }; // as `handOver` sends it
      this.emit('second-instance', makeEvent({}), argv, folder, data);
    };
  }

  setName(name: string): void {
    this.#name = name;
  }

  getName(): string {
    return this.#name;
  }

  getVersion(): string {
    return '0.0.0';
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }

  getPath(name: string): string {
    const known =
      this.#paths.get(name) ?? { home: homedir(), pictures: join(homedir(), 'Pictures'), userData: join(homedir(), this.#name) }[name];
    if (known === undefined) throw new Error(`stand-in: the path ${name} is not modelled`);
    return known;
  }

  whenReady(): Promise<void> {
    this.#ready ??= this.#parts.start().then(() => void this.emit('ready'));
    return this.#ready;
  }

  /** One process has the lock; a second one hands over what it was given. */
  requestSingleInstanceLock(data: unknown = {}): boolean {
    const path = join(this.getPath('userData'), 'stand-in-lock');
    mkdirSync(this.getPath('userData'), { recursive: true });
    const { server } = this.#parts;
    try {
      writeFileSync(path, JSON.stringify({ pid: process.pid, port: server.port, secret: server.secret }), { flag: 'wx' });
    } catch {
      const other: { pid: number; port: number; secret: string } = JSON.parse(readFileSync(path, 'utf8'));
      if (isAlive(other.pid)) {
        handOver(other, { argv: process.argv, folder: process.cwd(), data });
        return false;
      }
      rmSync(path);
      return this.requestSingleInstanceLock(data);
    }
    this.#lock = path;
    return true;
  }

  addRecentDocument(path: string): void {
    this.recentDocuments.push(path);
  }

  showAboutPanel(): void {}

  quit(): void {
    if (this.#isQuitting) return;
    this.#isQuitting = true;
    void this.#parts.closeWindows().then((areClosed) => {
      const event = makeEvent({});
      if (areClosed) this.emit('will-quit', event);
      if (!areClosed || event.defaultPrevented) this.#isQuitting = false;
      else this.exit(0);
    });
  }

  exit(code = 0): void {
    if (this.#lock !== undefined) rmSync(this.#lock, { force: true });
    void this.#parts.stop().finally(() => process.exit(code));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Synchronous, as the lock is. */
function handOver({ port, secret }: { port: number; secret: string }, what: unknown): void {
  const code = `await fetch('http://127.0.0.1:${port}/stand-in/second-instance?secret=${secret}', { method: 'POST', body: process.argv[1] })`;
  spawnSync(process.execPath, ['--input-type=module', '-e', code, JSON.stringify(what)], { env: {}, stdio: 'ignore' });
}
