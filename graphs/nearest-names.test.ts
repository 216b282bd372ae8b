import { expect, it } from 'vitest';
import { nearestNames, suggestNames } from './nearest-names.ts';

it.each([
  ['stpes', ['steps', 'seed', 'start'], ['steps']],
  ['STEPS', ['steps', 'step'], ['steps', 'step']],
  ['example.smapler', ['example.sampler', 'example.mask', 'example.blur'], ['example.sampler']],
  ['prompt', ['positivePrompt', 'text'], ['positivePrompt']],
  ['zzz', ['steps'], []],
  ['', ['steps'], []],
])('%s', (wanted, names, found) => {
  expect(nearestNames(wanted, names)).toEqual(found);
});

it('lists what there is where nothing comes near', () => {
  expect(suggestNames('zzzzz', ['steps', 'seed'], 'parameters')).toBe('Its parameters are steps, seed.');
  expect(suggestNames('zzzzz', [], 'parameters')).toBe('There are no parameters.');
  expect(
    suggestNames(
      'zzzzz',
      Array.from({ length: 20 }, (_, at) => `name${at}`),
      'inputs',
    ),
  ).toMatch(/name11 …\.$/);
});

it('stays quick with names a damaged file may hold', () => {
  const long = 'x'.repeat(1_000_000);
  expect(nearestNames(long, [`${long}y`, 'steps'])).toEqual([`${long}y`]);
});
