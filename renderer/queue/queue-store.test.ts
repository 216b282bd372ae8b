import { expect, it } from 'vitest';
import { placeBeside, type QueueEntry } from './queue-store.ts';

const entry = (id: string, state: QueueEntry['state']): QueueEntry => ({
  id,
  state,
  title: id,
  addedMs: 0,
  startedMs: null,
  endedMs: null,
  problems: [],
  thumbnail: null,
});
const entries = [entry('done', 'done'), entry('run', 'running'), entry('a', 'waiting'), entry('b', 'paused'), entry('c', 'waiting')];

it('moves entries that wait among themselves', () => {
  expect(placeBeside(entries, 'b', -1)).toBe('a');
  expect(placeBeside(entries, 'a', 1)).toBe('c');
  expect(placeBeside(entries, 'b', 1)).toBeNull();
});

it('moves nothing beyond the ends, and nothing that runs or is over', () => {
  expect(placeBeside(entries, 'a', -1)).toBeUndefined();
  expect(placeBeside(entries, 'c', 1)).toBeUndefined();
  expect(placeBeside(entries, 'run', 1)).toBeUndefined();
});
