import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emptyDocument } from '../../graphs/document.ts';
import { undo } from '../../graphs/history.ts';
import { readRecovery } from '../../graphs/recovery.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import { buildTestEvaluator } from '../../test/e2e/open-test-host.ts';
import { unwrap } from '../../test/unwrap.ts';
import { createDocumentStore, type DocumentStore } from './document-store.ts';

const KILLS = 50;

let program: string;
let folder: string;
beforeAll(async () => {
  program = await buildTestEvaluator('test/e2e/test-document-writer.ts');
  folder = await mkdtemp(join(tmpdir(), 'emulsion-killed-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(program, { force: true });
});

const openStore = (): DocumentStore =>
  createDocumentStore(join(folder, 'documents'), { onAdded: () => undefined, onState: () => undefined, onProblem: () => undefined });

interface Kept {
  readonly sequence: number;
  readonly label: string;
  readonly undo: number;
  readonly redo: number;
}

/** Lets the writer run until it has told so many entries, kills it a moment later, and returns what it told. */
async function writeUntilKilled(id: string, entries: number, momentMs: number): Promise<Kept[]> {
  const child: ChildProcess = spawn(process.execPath, [program, folder, id], { stdio: ['ignore', 'pipe', 'pipe'] });
  const told: Kept[] = [];
  let errors = '';
  child.stderr?.on('data', (data) => {
    errors += data;
  });
  const ended = new Promise<string | null>((resolve) => child.once('close', (_code, signal) => resolve(signal)));
  createInterface({ input: child.stdout! }).on('line', (line) => {
    told.push(JSON.parse(line));
    if (told.length === entries) setTimeout(() => child.kill('SIGKILL'), momentMs);
  });
  expect(await ended, errors).toBe('SIGKILL');
  return told;
}

it(`a host killed ${KILLS} times in the middle of writing loses nothing that it has answered, nor a step of the history`, async () => {
  const first = openStore();
  const { id } = unwrap(await first.create('writer', 'Killed', emptyDocument()));
  await first.closeAll();
  let random = 7;
  let shortened = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    const told = await writeUntilKilled(id, 1 + (random % 6), (random >>> 8) % 40);
    const last = told.at(-1)!;
    const store = openStore();
    const { session, problems } = unwrap(await store.open(id, 'reader'));
    expect(problems).toEqual([]);
    // One more may have been written that was not answered yet.
    expect(session.sequence - last.sequence).toBeGreaterThanOrEqual(0);
    expect(session.sequence - last.sequence).toBeLessThanOrEqual(1);
    if (session.sequence === last.sequence) {
      const { undo: past, redo: future } = session.state;
      expect({ label: past.at(-1)?.label ?? '', undo: past.length, redo: future.length }).toEqual({
        label: last.label,
        undo: last.undo,
        redo: last.redo,
      });
    }
    const { base, journal } = await session.read();
    const window = unwrap(readRecovery(base, journal)).state;
    expect(writeGraph(window.document)).toBe(writeGraph(session.state.document));
    let back = window;
    for (let next = undo(back); next.ok; next = undo(back)) back = next.value.state;
    if (window.undo.length < window.limit) expect(writeGraph(back.document)).toBe(writeGraph(emptyDocument()));
    await store.closeAll();
    const names = (await readdir(join(folder, 'documents', id))).filter((name) => /^(base|journal)-/.test(name));
    expect(names).toHaveLength(2);
    shortened = Math.max(shortened, Number(/\d+/.exec(names[0]!)![0]));
  }
  expect(shortened).toBeGreaterThan(0);
}, 300_000);
