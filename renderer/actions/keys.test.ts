import { expect, test } from 'vitest';
import { ariaKeys, type KeyPress, matchesKeys, showKeys } from './keys.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

test('Mod is Ctrl, and ⌘ on a Mac; the other one is somebody else’s', () => {
  expect(matchesKeys(press('z', { ctrlKey: true }), 'Mod+Z', false)).toBe(true);
  expect(matchesKeys(press('z', { metaKey: true }), 'Mod+Z', true)).toBe(true);
  expect(matchesKeys(press('z', { metaKey: true }), 'Mod+Z', false)).toBe(false);
  expect(matchesKeys(press('z', { ctrlKey: true }), 'Mod+Z', true)).toBe(false);
});

test('Shift belongs to letters and named keys, not to signs that need it', () => {
  expect(matchesKeys(press('Z', { ctrlKey: true, shiftKey: true }), 'Mod+Z', false)).toBe(false);
  expect(matchesKeys(press('Z', { ctrlKey: true, shiftKey: true }), 'Mod+Shift+Z', false)).toBe(true);
  expect(matchesKeys(press('+', { shiftKey: true }), '+', false)).toBe(true);
  expect(matchesKeys(press('+', { shiftKey: false }), '+', false)).toBe(true);
});

test('letters go by the key where Alt makes another sign of them', () => {
  expect(matchesKeys(press('¡', { code: 'Digit1', altKey: true }), 'Alt+1', true)).toBe(true);
});

test('shortcuts are shown as each platform writes them', () => {
  expect(showKeys('Mod+Shift+Enter', false)).toBe('Ctrl+Shift+Enter');
  expect(showKeys('Mod+Shift+Enter', true)).toBe('⌘⇧↩');
  expect(ariaKeys('Mod+K', true)).toBe('Meta+K');
});
