import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../nodes/problem.ts';
import { buildTestEvaluator } from '../test/e2e/open-test-host.ts';

interface Told {
  readonly outcome: string;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly states: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}
interface Answer {
  readonly large: Told;
  readonly dumped: Told;
  readonly next: Told;
  readonly left: readonly string[];
  readonly kept: number;
}

let root: string;
let entry: string;
let script: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'emulsion-full-'));
  entry = await buildTestEvaluator();
  script = await buildTestEvaluator('test/e2e/full-disk.ts');
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A real disk of 256 KiB, where this user may mount one. */
function mountSmallDisk(at: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', at]).status === 0;
}

/** Runs the script where no file can become larger than 64 KiB, and on a full disk where that can be had. */
async function runFull(small: 'out' | 'cache', limit: 'file size' | 'disk'): Promise<Answer> {
  const folder = await mkdtemp(join(root, `${small}-`));
  const inner = join(folder, 'disk');
  await mkdir(inner);
  const isMounted = limit === 'disk' && mountSmallDisk(inner);
  // 512-byte blocks in sh. What is written outside of the small disk is small as well, but for the picture in the cache's case.
  const blocks = isMounted ? 'unlimited' : small === 'out' ? '128' : '2000';
  try {
    const command = `ulimit -f ${blocks}; exec "$@"`;
    const { stdout } = await promisify(execFile)('sh', ['-c', command, 'sh', process.execPath, script, entry, inner, small]);
    return JSON.parse(stdout) as Answer; // the script wrote it
  } finally {
    if (isMounted) spawnSync('umount', [inner]);
  }
}

describe.each(['file size', 'disk'] as const)('a full disk (%s)', (limit) => {
  it('ends the node that saves with a sentence; the rest is done, nothing half-written stays, the next run works', async () => {
    const { large, dumped, next, left } = await runFull('out', limit);
    expect(large.outcome).toBe('failed');
    expect(large.states).toEqual({ p: 'done', n: 'done', save: 'failed', one: 'done', two: 'done' });
    expect(large.problems).toEqual([expect.objectContaining({ code: 'file.diskFull', nodeId: 'save' })]);
    expect(large.problems[0]!.message).toMatch(/The disk is full, so the picture could not be written into .*Free some space/);
    expect(large.files).toEqual([]);
    expect(dumped.problems).toEqual([expect.objectContaining({ nodeId: 'n', socket: 'image' })]);
    expect(dumped.problems[0]!.message).toMatch(/^Noise: the value of image could not be written: /);
    expect(next).toMatchObject({ outcome: 'done', problems: [], files: ['picture.png'] });
    expect(left).toEqual(['out']);
  });

  it('keeps nothing of what is too large for it, says so once, and the runs end well', async () => {
    const { large, next, kept } = await runFull('cache', limit);
    expect(large).toMatchObject({ outcome: 'done', problems: [] });
    expect([...large.warnings, ...next.warnings].map(({ code }) => code)).toEqual(['file.diskFull']);
    expect(next).toMatchObject({ outcome: 'done', problems: [] });
    expect(kept).toBe(0);
  });
});
