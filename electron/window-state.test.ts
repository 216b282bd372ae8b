import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fitToScreens, readWindowState, writeWindowState } from './window-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'emulsion-window-'));
afterAll(() => rmSync(folder, { recursive: true }));
const state = { x: 10, y: 20, width: 1000, height: 700, isMaximized: false };

describe('the place of a window', () => {
  it('is found again', () => {
    const path = join(folder, 'deep', 'window.json');
    expect(readWindowState(path)).toBeUndefined();
    writeWindowState(path, state);
    expect(readWindowState(path)).toEqual(state);
  });

  it.each([
    '',
    '{',
    'null',
    '{"x":1}',
    '{"x":0,"y":0,"width":-5,"height":700,"isMaximized":false}',
    '{"x":1e99,"y":0,"width":900,"height":700,"isMaximized":false}',
  ])('is left to the system when the file holds %j', (text) => {
    const path = join(folder, 'damaged.json');
    writeFileSync(path, text);
    expect(readWindowState(path)).toBeUndefined();
  });

  it('is not worth a fault when it cannot be written', () => {
    writeFileSync(join(folder, 'file'), 'x');
    writeWindowState(join(folder, 'file', 'window.json'), state);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('x');
  });

  const screen = { x: 0, y: 0, width: 1920, height: 1080 };
  it.each([
    ['on the screen', { x: 10, y: 20 }, true],
    ['partly beyond its edge', { x: -600, y: 20 }, true],
    ['on a screen that has gone', { x: 2500, y: 20 }, false],
    ['with its title above the screen', { x: 10, y: -300 }, false],
    ['below the screen', { x: 10, y: 1050 }, false],
  ])('%s', (_name, place, isKept) => {
    expect('x' in fitToScreens({ ...state, ...place }, [screen])).toBe(isKept);
  });

  it('on the second of two screens is kept', () => {
    const saved = { ...state, x: -1500, y: -200 };
    expect(fitToScreens(saved, [screen, { x: -1920, y: -300, width: 1920, height: 1080 }])).toEqual(saved);
  });
});
