import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTestEvaluator, makeDocument, openTestHost, type TestHost } from '../test/e2e/open-test-host.ts';

let test: TestHost;
beforeAll(async () => {
  test = await openTestHost(await buildTestEvaluator(), { evaluatorArgv: ['--expose-gc'], memoryCacheBytes: 120e6, cacheFolder: null });
});
afterAll(() => test.close());

const STEPS = 12;
/** 3 × 1500 × 1500 float32: 27 MB. */
const EACH_MB = 27;
const chain = makeDocument(
  Object.fromEntries(Array.from({ length: STEPS }, (_, at) => [`m${at}`, ['test.memory', { size: 1500 + (at % 2) }]])),
  Array.from({ length: STEPS - 1 }, (_, at) => `m${at}.image > m${at + 1}.image`),
);

/** How many megabytes of arrays the evaluator held while the last node ran. */
async function lastMegabytes(useCache: boolean): Promise<number> {
  const path = join(test.folder, 'mb.safetensors');
  const last = `m${STEPS - 1}`;
  const { ended } = await test.run(chain, { targets: [last], useCache, dumps: [{ node: last, output: 'megabytes', path }] });
  expect(ended).toMatchObject({ outcome: 'done', problems: [] });
  const bytes = await readFile(path);
  return bytes.readFloatLE(bytes.length - 4);
}

describe('values of many megabytes', () => {
  it('are freed when the last node has read them', async () => {
    // Its own, the one it reads, and one that the engine may not have let go yet.
    expect(await lastMegabytes(false)).toBeLessThan(3.5 * EACH_MB);
  });

  it('are kept for later runs as far as the budget goes', async () => {
    const held = await lastMegabytes(true);
    expect(held).toBeGreaterThan(4 * EACH_MB);
    expect(held).toBeLessThan(120 + 3.5 * EACH_MB);
  });
});
