import { expect, test } from 'vitest';
import { keepView } from './keep-view.ts';
import { createViewStore } from './view-store.ts';

function storageWith(text: string | null) {
  const kept = new Map(text === null ? [] : [['emulsion.view', text]]);
  return { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
}

test('a window is arranged as it was left', () => {
  const storage = storageWith(null);
  const before = createViewStore(1280);
  keepView(before, storage);
  before.setState({ theme: 'dark', minimap: false, leftOpen: true, paletteOpen: true });
  const after = createViewStore(1280);
  keepView(after, storage);
  expect(after.getState()).toMatchObject({ theme: 'dark', minimap: false, leftOpen: true, rightOpen: true, paletteOpen: false });
});

test('what was kept damaged changes nothing', () => {
  for (const text of ['{', 'null', '7', '{"theme": "pink", "minimap": "no"}']) {
    const view = createViewStore(1440);
    const usual = view.getState();
    keepView(view, storageWith(text));
    expect(view.getState()).toEqual(usual);
  }
});

test('a narrow window begins without the list of nodes, a very narrow one without panels', () => {
  expect(
    [1440, 1280, 640].map((width) => createViewStore(width).getState()).map(({ leftOpen, rightOpen }) => [leftOpen, rightOpen]),
  ).toEqual([
    [true, true],
    [false, true],
    [false, false],
  ]);
});
