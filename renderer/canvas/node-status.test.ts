import { expect, test } from 'vitest';
import { statusOf } from './node-status.ts';

const done = { state: { kind: 'done', durationMs: 5, cached: false }, key: 'a' } as const;

test('a result is fresh while the node would give the same again, and stale after', () => {
  expect(statusOf(done, 'a', false)).toBe('fresh');
  expect(statusOf(done, 'b', false)).toBe('stale');
  expect(statusOf(done, 'b', true)).toBe('cached');
});

test('what nobody has run is idle, or in the cache', () => {
  expect(statusOf(undefined, 'a', false)).toBe('idle');
  expect(statusOf(undefined, 'a', true)).toBe('cached');
});

test('being skipped for a muted node is forgotten with it', () => {
  const skipped = { state: { kind: 'skipped', because: 'x', reason: 'muted' }, key: undefined } as const;
  expect(statusOf(skipped, 'a', false)).toBe('idle');
  expect(statusOf(skipped, 'a', true)).toBe('cached');
});

test('a failure is forgotten as soon as the node is changed', () => {
  const failed = { state: { kind: 'failed', problem: { code: 'node.failed', severity: 'error', message: 'No.' } }, key: 'a' } as const;
  expect(statusOf(failed, 'a', false)).toBe('failed');
  expect(statusOf(failed, 'b', false)).toBe('stale');
});
