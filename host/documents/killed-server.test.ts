import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { writeGraph } from '../../graphs/write-graph.ts';
import { rebuild, setTitle } from '../../test/e2e/open-documents.ts';
import { makeDocument } from '../../test/e2e/open-test-host.ts';
import { type CommandPlace, openCommandPlace, type RunningCommand } from '../../test/e2e/spawn-command.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { ContractClient } from '../contract.ts';
import { connectWebSocket } from '../transports/web-socket.ts';

let place: CommandPlace;
beforeAll(async () => {
  place = await openCommandPlace();
});
afterAll(() => place.close());

async function startServer(): Promise<{ readonly command: RunningCommand; connect(): ContractClient }> {
  const command = place.start(['serve', '--port', '0', '--json', '--allow', '.'], { EMULSION_STATE_DIR: join(place.folder, 'state') });
  const [line] = await command.waitFor('stdout', /^\{"event":"listening".*$/m);
  const { port, token }: { port: number; token: string } = JSON.parse(line);
  const headers = { authorization: `Bearer ${token}` };
  return { command, connect: () => connectWebSocket(new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers })) };
}

it('emulsion serve killed in mid-edit: two windows find document, history and each other again; the file is untouched', async () => {
  const path = join(place.folder, 'graph.json');
  const text = writeGraph(makeDocument({ a: ['test.number'] }));
  await writeFile(path, text);
  const before = await startServer();
  const [one, two] = [before.connect(), before.connect()];
  const source = { kind: 'path', path } as const;
  const { document, ...opened } = unwrap(await one.call('document.open', { client: 'one', source }));
  const { id } = document;
  expect(unwrap(await two.call('document.open', { client: 'two', source })).document.id).toBe(id);
  const a = setTitle(rebuild(opened), 'A');
  unwrap(await one.call('document.append', { id, client: 'one', after: 0, lines: a.line }));
  const b = setTitle(a.state, 'B');
  const answer = two.call('document.append', { id, client: 'two', after: 1, lines: b.line });
  before.command.child.kill('SIGKILL');
  const cutOff = await answer;
  expect((await before.command.ended).signal).toBe('SIGKILL');

  const after = await startServer();
  const [again, other] = [after.connect(), after.connect()];
  const { documents } = unwrap(await again.call('document.list', {}));
  expect(documents).toMatchObject([{ id, path, isOpen: false, isElsewhere: false, isSaved: false }]);
  // Whether the answer came or not, sending it again leaves it there once.
  const retried = unwrap(await other.call('document.append', { id, client: 'two', after: 1, lines: b.line }));
  expect(retried, JSON.stringify(cutOff)).toEqual({ outcome: 'added', sequence: 2 });
  const now = unwrap(await again.call('document.open', { client: 'one', source: { kind: 'document', id } }));
  expect(rebuild(now).undo.map((entry) => entry.label)).toEqual(['Title A', 'Title B']);
  expect(await readFile(path, 'utf8')).toBe(text);
  unwrap(await again.call('document.save', { id, sequence: 2 }));
  expect(await readFile(path, 'utf8')).toContain('"title": "B"');
  again.close();
  other.close();
  after.command.pressCtrlC();
  expect((await after.command.ended).code).toBe(0);
});
