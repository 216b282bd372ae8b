import { expect, it } from 'vitest';
import { keepSeeds, MOST_SEEDS } from './keep-seeds.ts';
import { createKeyedStore, type KeyedStore } from './keyed-store.ts';

function storageWith(text: string | null = null) {
  let kept = text;
  return {
    getItem: () => kept,
    setItem(_name: string, value: string) {
      kept = value;
    },
  };
}

function openWindow(storage: ReturnType<typeof storageWith>): KeyedStore<readonly string[]> {
  const seeds = createKeyedStore<readonly string[]>();
  keepSeeds(seeds, storage);
  return seeds;
}

it('seeds of earlier windows are there again', () => {
  const storage = storageWith();
  openWindow(storage).set('a sampler.seed', ['2', '1']);
  openWindow(storage).set('b sampler.seed', ['9']);
  const after = openWindow(storage);
  expect([after.get('a sampler.seed'), after.get('b sampler.seed')]).toEqual([['2', '1'], ['9']]);
});

it('two windows forget nothing of each other’s', () => {
  const storage = storageWith();
  const [one, two] = [openWindow(storage), openWindow(storage)];
  one.set('a sampler.seed', ['1']);
  two.set('a sampler.seed', ['2']);
  one.set('b sampler.seed', ['3']);
  const after = openWindow(storage);
  expect([after.get('a sampler.seed'), after.get('b sampler.seed')]).toEqual([['2', '1'], ['3']]);
});

it('no more are kept than there is room for, the newest ones', () => {
  const storage = storageWith();
  const seeds = openWindow(storage);
  const many = Array.from({ length: MOST_SEEDS }, (_, at) => String(100 - at));
  seeds.set('0 x.seed', many);
  seeds.set('0 x.seed', ['200', ...many.slice(1)]);
  expect(openWindow(storage).get('0 x.seed')).toEqual(['200', ...many.slice(1)]);
  for (let at = 1; at <= 400; at += 1) seeds.set(`${at} x.seed`, ['1']);
  const after = openWindow(storage);
  expect([after.get('0 x.seed'), after.get('1 x.seed'), [...after.entries()].length]).toEqual([undefined, ['1'], 400]);
});

it.each(['{', 'null', '7', '[["a", "b"]]', '[["a", [1]]]'])('what was kept damaged counts as nothing: %s', (text) => {
  expect([...openWindow(storageWith(text)).entries()]).toEqual([]);
});
