import { z } from 'zod';
import type { EditShelf } from './document-session.ts';

/** The documents of a window, by the host's ids, in the order of their tabs. */
export interface RememberedTabs {
  readonly documents: readonly string[];
  readonly active: string | undefined;
}

/** What outlives a window: who it is to the host, and what it had open. */
export interface WindowMemory {
  readonly window: string;
  /** No other window of this browser is there. */
  readonly isAlone: boolean;
  /** What this window had before it was loaded anew, or what windows had that are gone. */
  readonly tabs: RememberedTabs;
  remember(tabs: RememberedTabs): void;
  readonly shelf: EditShelf;
}

/** A memory of nothing, for as long as the page is there. */
export function forgetfulMemory(): WindowMemory {
  return {
    window: crypto.randomUUID(),
    isAlone: true,
    tabs: { documents: [], active: undefined },
    remember: () => undefined,
    shelf: NO_SHELF,
  };
}

const NO_SHELF: EditShelf = { put: () => undefined, take: () => undefined };

const WINDOW = 'emulsion.window';
const WINDOWS = 'emulsion.windows';
const LOCK = 'emulsion.window.';
const EDITS = 'emulsion.edits.';

const tabsSchema = z.object({ documents: z.array(z.string()), active: z.string().optional(), atMs: z.number() });
const windowsSchema = z.record(z.string(), tabsSchema);
type Windows = z.infer<typeof windowsSchema>;

/** Opens the browser's memory of this window. A window that is there holds a lock; memories without one are of windows that are gone. */
export async function openWindowMemory(): Promise<WindowMemory> {
  const known = sessionStorage.getItem(WINDOW);
  // A duplicated tab has its original's storage: two windows must not be one to the host.
  const isFree = known === null || (await hold(known));
  const window = known !== null && isFree ? known : crypto.randomUUID();
  if (window !== known) await hold(window);
  sessionStorage.setItem(WINDOW, window);

  const alive = await listAlive();
  const windows = readWindows();
  const isAlone = alive?.every((one) => one === window) ?? false;
  const own = known === null ? undefined : windows[known];
  const gone = isAlone ? Object.entries(windows).filter(([id]) => id !== window && id !== known) : [];
  const latest = gone.map(([, tabs]) => tabs).sort((a, b) => b.atMs - a.atMs);
  const documents = own?.documents ?? [...new Set(latest.flatMap((tabs) => tabs.documents))];
  if (own === undefined && isAlone) writeWindows(Object.fromEntries(Object.entries(windows).filter(([id]) => id === window)));
  return {
    window,
    isAlone,
    shelf: makeShelf(window, isAlone),
    tabs: { documents, active: own === undefined ? latest[0]?.active : own.active },
    remember: ({ documents: those, active }) =>
      writeWindows({
        ...readWindows(),
        [window]: { documents: [...those], ...(active === undefined ? {} : { active }), atMs: Date.now() },
      }),
  };
}

const editsSchema = z.object({ window: z.string(), after: z.number(), lines: z.string() });

/** Edits lie under their document and window; those of windows that are gone are for a window that is alone. */
function makeShelf(window: string, isAlone: boolean): EditShelf {
  return {
    put(document, edits) {
      const key = `${EDITS}${document}.${window}`;
      if (edits === undefined) localStorage.removeItem(key);
      else write(key, edits);
    },
    take(document) {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${EDITS}${document}.`));
      const key = keys.find((one) => one.endsWith(`.${window}`)) ?? (isAlone ? keys[0] : undefined);
      if (key === undefined) return undefined;
      const found = read(key, editsSchema);
      localStorage.removeItem(key);
      return found;
    },
  };
}

/** Holds a window's lock for as long as the page is there; false: another page has it. */
function hold(window: string): Promise<boolean> {
  if (navigator.locks === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`${LOCK}${window}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise(() => undefined);
    });
  });
}

/** The windows that are there; undefined where the browser does not say (pages that are not served from this machine). */
async function listAlive(): Promise<string[] | undefined> {
  if (navigator.locks === undefined) return undefined;
  const { held = [] } = await navigator.locks.query();
  return held.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : []));
}

function readWindows(): Windows {
  return read(WINDOWS, windowsSchema) ?? {};
}

function writeWindows(windows: Windows): void {
  write(WINDOWS, windows);
}

function read<T>(key: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(localStorage.getItem(key) ?? ''));
  } catch {
    return undefined;
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs the tabs of the next start; the host has the documents.
  }
}
