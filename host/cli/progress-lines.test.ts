import { describe, expect, it } from 'vitest';
import type { NodeRunState } from '../run-events.ts';
import { formatBytes } from './format-bytes.ts';
import { plain, problemLine } from './output.ts';
import { createProgressLines, formatDuration, type ProgressStream } from './progress-lines.ts';

/** Lines over a stream that remembers, at a time that the test says. */
function open(stream: Partial<ProgressStream>) {
  let text = '';
  const clock = { ms: 0 };
  const lines = createProgressLines({ ...stream, write: (more) => (text += more) }, () => clock.ms);
  const running = () => lines.show({ kind: 'state', nodeId: 's', title: 'Sampler', state: { kind: 'running' } });
  const step = (done: number, etaMs: number | null = 3000) => lines.show({ kind: 'progress', nodeId: 's', done, total: 20, etaMs });
  const done = () => lines.show({ kind: 'state', nodeId: 's', title: 'Sampler', state: { kind: 'done', durationMs: 4200, cached: false } });
  return { lines, clock, running, step, done, text: () => text };
}

describe('progress', () => {
  it('on a terminal is one line that is drawn anew', () => {
    const { lines, running, step, done, text } = open({ isTTY: true, columns: 30 });
    running();
    step(1, null);
    step(7);
    done();
    const redraw = '\r\u001b[2K';
    expect(text()).toBe(`Sampler …${redraw}Sampler: step 1 of 20${redraw}Sampler: step 7 of 20, 3.0 s ${redraw}Sampler: done in 4.2 s\n`);
    lines.clear();
    expect(text().endsWith('4.2 s\n')).toBe(true);
  });

  it('elsewhere is a line for the first step and one every two seconds', () => {
    const { clock, running, step, done, text } = open({});
    running();
    for (let at = 1; at <= 20; at++) {
      clock.ms += 500;
      step(at, (20 - at) * 500);
    }
    done();
    expect(text().split('\n')).toEqual([
      'Sampler: step 1 of 20, 9.5 s left',
      'Sampler: step 5 of 20, 7.5 s left',
      'Sampler: step 9 of 20, 5.5 s left',
      'Sampler: step 13 of 20, 3.5 s left',
      'Sampler: step 17 of 20, 1.5 s left',
      'Sampler: done in 4.2 s',
      '',
    ]);
  });

  it('says nothing of nodes that wait, and why others did not run', () => {
    const { lines, text } = open({});
    const say = (state: NodeRunState) => lines.show({ kind: 'state', nodeId: 's', title: 'Sampler', state });
    say({ kind: 'queued' });
    say({ kind: 'failed', problem: { code: 'node.failed', severity: 'error', message: 'No.' } });
    say({ kind: 'skipped', because: 'x', reason: 'failed' });
    say({ kind: 'skipped', because: 'x', reason: 'muted' });
    say({ kind: 'skipped', because: 's', reason: 'muted' });
    say({ kind: 'done', durationMs: 0, cached: true });
    expect(text().split('\n')).toEqual([
      'Sampler: skipped, because a node before it did not finish',
      'Sampler: skipped, because a node before it is muted',
      'Sampler: skipped, because it is muted',
      'Sampler: unchanged, kept from before',
      '',
    ]);
  });

  it('lets no title drive the terminal', () => {
    const { lines, text } = open({});
    lines.show({ kind: 'state', nodeId: 's', title: '\u001b]0;owned\u0007\u202e\r', state: { kind: 'cancelled' } });
    expect(text()).toBe('�]0;owned���: cancelled\n');
    expect(plain('two\nlines\tand a tab')).toBe('two lines and a tab');
    expect(problemLine({ code: 'node.failed', severity: 'warning', message: 'a\nb' })).toBe('warning: a b');
  });
});

it('says durations and sizes as people do', () => {
  expect([0, 240, 999.6, 3210, 59_940, 59_960, 250_000, 3_599_600, 7_260_000].map(formatDuration)).toEqual([
    '0 ms',
    '240 ms',
    '1.0 s',
    '3.2 s',
    '59.9 s',
    '1 min 0 s',
    '4 min 10 s',
    '1 h 0 min',
    '2 h 1 min',
  ]);
  expect([0, 999, 1000, 3_400_000, 2.5e9, 1e15].map(formatBytes)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.0 kB',
    '3.4 MB',
    '2.5 GB',
    '1000.0 TB',
  ]);
});
