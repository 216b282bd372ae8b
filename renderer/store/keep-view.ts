import type { StoreApi } from 'zustand/vanilla';
import type { ViewState } from './view-store.ts';

/** What of the arrangement outlives the page. */
const KEPT = ['leftOpen', 'rightOpen', 'minimap', 'snap', 'theme'] as const satisfies readonly (keyof ViewState)[];

const NAME = 'emulsion.view';

/** Arranges the window as it was left, and remembers from now on how it is arranged. Damaged or missing notes change nothing. */
export function keepView(view: StoreApi<ViewState>, storage: Pick<Storage, 'getItem' | 'setItem'>): void {
  view.setState(readKept(storage.getItem(NAME)));
  view.subscribe((now, before) => {
    if (KEPT.every((name) => now[name] === before[name])) return;
    try {
      storage.setItem(NAME, JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, now[name]]))));
    } catch {
      // A browser that keeps nothing for the page: it begins with the usual arrangement next time.
    }
  });
}

function readKept(text: string | null): Partial<ViewState> {
  let found: unknown;
  try {
    found = JSON.parse(text ?? '{}');
  } catch {
    return {};
  }
  if (typeof found !== 'object' || found === null) return {};
  const kept: { -readonly [K in keyof ViewState]?: ViewState[K] } = {};
  const { theme } = found as { readonly theme?: unknown }; // an object, as checked
  if (theme === 'system' || theme === 'light' || theme === 'dark') kept.theme = theme;
  for (const name of KEPT) {
    const value = (found as Readonly<Record<string, unknown>>)[name]; // an object, as checked
    if (name !== 'theme' && typeof value === 'boolean') kept[name] = value;
  }
  return kept;
}
