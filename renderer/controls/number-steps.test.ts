import { expect, test } from 'vitest';
import { fitNumber, shareOf, stepNumber, stepOf } from './number-steps.ts';

const width = { kind: 'int', min: 8, max: 4096, multipleOf: 8 } as const;
const guidance = { kind: 'number', min: 0, max: 30, step: 0.1 } as const;

test('a value lands on what its parameter allows', () => {
  expect(fitNumber(width, 13)).toBe(16);
  expect(fitNumber(width, 0)).toBe(8);
  expect(fitNumber(width, 1e9)).toBe(4096);
  expect(fitNumber({ kind: 'int', min: 1, max: 10, multipleOf: 4 }, 10)).toBe(8);
});

test('steps leave no dust of binary fractions behind', () => {
  expect(stepNumber(guidance, 0.2, 1)).toBe(0.3);
  expect(stepNumber(guidance, 7.5, -5)).toBe(7);
  expect(stepNumber(width, 64, 1)).toBe(72);
});

test('a step is what the parameter says, else what suits its range', () => {
  expect(stepOf(guidance)).toBe(0.1);
  expect(stepOf({ kind: 'number', min: 0, max: 1 })).toBe(0.01);
  expect(stepOf({ kind: 'int', min: 1, max: 1000 })).toBe(1);
});

test('a bar is drawn only where it says something', () => {
  expect(shareOf({ kind: 'number', min: 0, max: 1 }, 0.25)).toBe(0.25);
  expect(shareOf({ kind: 'int', min: 1, max: 100_000 }, 5)).toBeUndefined();
  expect(shareOf({ kind: 'number', min: 0, max: Number.POSITIVE_INFINITY }, 5)).toBeUndefined();
});
