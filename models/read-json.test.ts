import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readJsonFile } from './read-json.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-json-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string): Promise<unknown> {
  const path = join(folder, 'config.json');
  await writeFile(path, text);
  const result = await readJsonFile(path);
  return result.ok ? result.value : result.problem.message.replace(path, 'FILE');
}

it('reads what Python writes', async () => {
  expect(await read('\uFEFF{"a": Infinity, "b": -Infinity, "c": NaN, "d": "NaN"}')).toEqual({
    a: Infinity,
    b: -Infinity,
    c: null,
    d: 'NaN',
  });
});

it.each([
  ['', 'FILE is not valid JSON. Download it again, or correct it in an editor.'],
  ['[]', 'FILE holds a list where a JSON object is wanted. Download it again.'],
  ['null', 'FILE holds a single value where a JSON object is wanted. Download it again.'],
  [' '.repeat(5_000_000), 'FILE has 5000000 bytes; at most 4194304 are read here. It is not the file its name says: download it again.'],
])('tells what is no JSON object: %#', async (text, sentence) => {
  expect(await read(text)).toBe(sentence);
});

it('never waits for a pipe or reads a device', async () => {
  const pipe = join(folder, 'pipe.json');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, '/dev/null', '/dev/zero']) {
    const message = `${path} is not a regular file, which is wanted there. Download it again.`;
    expect(await readJsonFile(path)).toMatchObject({ ok: false, problem: { code: 'file.unsupported', message } });
  }
  expect(await readJsonFile(folder)).toMatchObject({ ok: false, problem: { code: 'file.unsupported' } });
});
