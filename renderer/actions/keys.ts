/** What is needed of a key event. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** True where Mod is the ⌘ key. */
export function isMac(platform: string): boolean {
  return /mac|iphone|ipad/i.test(platform);
}

/** True when a key press is what a shortcut says. Letters and digits go by what is on the key, whatever the layout adds with Alt. */
export function matchesKeys(press: KeyPress, shortcut: string, mac: boolean): boolean {
  const parts = shortcut.split('+');
  const key = parts.pop() || '+';
  const wants = new Set(parts);
  const mod = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  if (mod !== wants.has('Mod') || other || press.altKey !== wants.has('Alt')) return false;
  // "?" and "+" are typed with Shift on many layouts.
  const needsShift = wants.has('Shift');
  if (/^[A-Z0-9]$/.test(key)) {
    return press.shiftKey === needsShift && (press.key.toUpperCase() === key || press.code === `Key${key}` || press.code === `Digit${key}`);
  }
  if (key.length === 1) return press.key === key;
  return press.shiftKey === needsShift && press.key === key;
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Delete: 'Del',
  Escape: 'Esc',
};
const MAC_NAMES: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩', Backspace: '⌫', Delete: '⌦' };

/** A shortcut as people read it: "Ctrl+Shift+Z", "⇧⌘Z". */
export function showKeys(shortcut: string, mac: boolean): string {
  const parts = shortcut.split('+').map((part) => (mac ? MAC_NAMES[part] : part === 'Mod' ? 'Ctrl' : undefined) ?? NAMES[part] ?? part);
  return mac ? parts.join('') : parts.join('+');
}

/** A shortcut as `aria-keyshortcuts` wants it. */
export function ariaKeys(shortcut: string, mac: boolean): string {
  return shortcut.replace('Mod', mac ? 'Meta' : 'Control');
}
