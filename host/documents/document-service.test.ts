import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { undo } from '../../graphs/history.ts';
import { readJournal, writeJournalLine } from '../../graphs/journal.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import { type DocumentHost, firstEdit, openDocumentHost, rebuild, setTitle } from '../../test/e2e/open-documents.ts';
import { makeDocument } from '../../test/e2e/open-test-host.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { ContractClient, EventPayload } from '../contract.ts';

const GRAPH = writeGraph({ ...makeDocument({ a: ['test.number', { value: 1 }] }), meta: { title: 'One' } });

let host: DocumentHost;
let client: ContractClient;
beforeEach(async () => {
  host = await openDocumentHost();
  client = await host.connect();
});
afterEach(() => host.close());

const open = async (path: string, by = 'window') =>
  unwrap(await client.call('document.open', { client: by, source: { kind: 'path', path } }));
const sentence = (result: { ok: boolean; problem?: { code: string; message: string } }): string =>
  result.ok ? 'nothing was refused' : `${result.problem?.code}: ${result.problem?.message}`;

/** Makes an edit and sends it. */
async function edit(id: string, title: string, by = 'window'): Promise<number> {
  const opened = unwrap(await client.call('document.open', { client: by, source: { kind: 'document', id } }));
  const { line } = setTitle(rebuild(opened), title);
  const added = unwrap(await client.call('document.append', { id, client: by, after: opened.document.sequence, lines: line }));
  expect(added.outcome).toBe('added');
  return added.sequence;
}

describe('files', () => {
  it('open, edit, save: atomic, with the old mode, through a link, canonical', async () => {
    const real = join(host.allowed, 'real.emulsion.json');
    const link = join(host.allowed, 'graph.json');
    await writeFile(real, JSON.stringify(JSON.parse(GRAPH)));
    await chmod(real, 0o640);
    await symlink(real, link);
    const { document } = await open(link);
    expect(document).toMatchObject({ title: 'real', path: real, isSaved: true, sequence: 0, isOpen: true });
    const sequence = await edit(document.id, 'Two');
    expect(await readFile(real, 'utf8')).toBe(JSON.stringify(JSON.parse(GRAPH)));
    const saved = unwrap(await client.call('document.save', { id: document.id, sequence }));
    expect(saved.document).toMatchObject({ isSaved: true, path: real });
    expect(await readFile(link, 'utf8')).toBe(GRAPH.replace('"One"', '"Two"'));
    expect((await stat(real)).mode & 0o777).toBe(0o640);
    expect((await readdir(host.allowed)).sort()).toEqual(['graph.json', 'real.emulsion.json']);
  });

  it('a file that another program has changed is not overwritten unless asked to; what changed can be told', async () => {
    const path = join(host.allowed, 'a.json');
    await writeFile(path, GRAPH);
    const { document } = await open(path);
    await edit(document.id, 'Mine');
    await writeFile(path, GRAPH.replace('"value": 1', '"value": 9'));
    expect(sentence(await client.call('document.save', { id: document.id }))).toContain('file.changed');
    const { changes } = unwrap(
      await client.call('document.diff', { from: { kind: 'file', id: document.id }, to: { kind: 'document', id: document.id } }),
    );
    expect(changes.map((one) => one.message).join('\n')).toMatch(/9 → 1[\s\S]*changed the description/);
    unwrap(await client.call('document.save', { id: document.id, overwrite: true }));
    expect(await readFile(path, 'utf8')).toContain('"Mine"');
    unwrap(await client.call('document.save', { id: document.id }));
  });

  it('saves under another name; never over a file that is there, or out of the folders that are allowed', async () => {
    const { document } = unwrap(await client.call('document.create', { client: 'window', graph: GRAPH }));
    const { id } = document;
    expect(document).toMatchObject({ title: 'Untitled', path: null, isSaved: false });
    expect(sentence(await client.call('document.save', { id }))).toContain('has no file yet');
    const target = (name: string, folder = host.allowed) => ({ id, target: { kind: 'folder' as const, folder, name } });
    const saved = unwrap(await client.call('document.saveAs', target('../../escape')));
    expect(saved.document.path).toBe(join(host.allowed, 'escape.emulsion.json'));
    expect(saved.document.title).toBe('escape');
    await writeFile(join(host.allowed, 'taken.json'), 'other');
    expect(sentence(await client.call('document.saveAs', target('taken.json')))).toContain('file.exists');
    expect(await readFile(join(host.allowed, 'taken.json'), 'utf8')).toBe('other');
    unwrap(await client.call('document.saveAs', { ...target('taken.json'), overwrite: true }));
    await symlink(host.folder, join(host.allowed, 'out'));
    for (const folder of [host.folder, join(host.allowed, '..'), join(host.allowed, 'out'), host.stateFolder]) {
      expect(sentence(await client.call('document.saveAs', target('x', folder)))).toContain('file.outside');
    }
    expect(sentence(await client.call('document.saveAs', target('x', join(host.folder, 'none'))))).toContain('file.outside');
    expect(sentence(await client.call('document.saveAs', target('x', join(host.allowed, 'none'))))).toContain('file.missing');
  });

  it('a file is one document for all windows; another document can’t be saved over it', async () => {
    const path = join(host.allowed, 'a.json');
    await writeFile(path, GRAPH);
    const [one, two] = await Promise.all([open(path, 'one'), open(path, 'two')]);
    expect(one.document.id).toBe(two.document.id);
    const { document } = unwrap(await client.call('document.create', { client: 'one' }));
    const target = { kind: 'folder', folder: host.allowed, name: 'a.json' } as const;
    expect(sentence(await client.call('document.saveAs', { id: document.id, target, overwrite: true }))).toContain('open as another');
    unwrap(await client.call('document.close', { id: one.document.id, client: 'one', keep: false }));
    expect(unwrap(await client.call('document.list', {})).documents).toContainEqual(
      expect.objectContaining({ id: two.document.id, isOpen: true }),
    );
    unwrap(await client.call('document.close', { id: one.document.id, client: 'two', keep: false }));
    expect(unwrap(await client.call('document.list', {})).documents.map((state) => state.id)).toEqual([document.id]);
  });

  it('tokens of native dialogs open what they were given for, and nothing else does', async () => {
    const path = join(host.folder, 'elsewhere.json');
    await writeFile(path, GRAPH);
    const refused = await client.call('document.open', { client: 'w', source: { kind: 'path', path } });
    expect(sentence(refused)).toContain('file.outside');
    const wrong = await client.call('document.open', { client: 'w', source: { kind: 'token', token: 'guess' } });
    expect(sentence(wrong)).toContain('Choose it again');
    const token = host.service.grants.grantFile(path);
    const { document } = unwrap(await client.call('document.open', { client: 'w', source: { kind: 'token', token } }));
    await edit(document.id, 'Three', 'w');
    unwrap(await client.call('document.save', { id: document.id }));
    expect(await readFile(path, 'utf8')).toContain('Three');
    const { files } = unwrap(await client.call('recent.list', {}));
    expect(files.map((file) => file.path)).toEqual([path]);
    await host.restart();
    client = await host.connect();
    // Without a dialog in this process, the list does not lead out of the folders either.
    expect(unwrap(await client.call('recent.list', {})).files).toEqual([]);
    const recent = await client.call('document.open', { client: 'w', source: { kind: 'recent', id: files[0]!.id } });
    expect(sentence(recent)).toContain('file.outside');
  });

  it('templates, dropped bytes, damaged files', async () => {
    const template = await client.call('document.open', { client: 'w', source: { kind: 'template', name: 'text-to-image' } });
    expect(unwrap(template)).toMatchObject({ document: { title: 'Text to image', path: null, isSaved: false } });
    const bytes = new TextEncoder().encode(GRAPH);
    const dropped = unwrap(await client.call('document.open', { client: 'w', source: { kind: 'bytes', name: 'my.emulsion.json', bytes } }));
    expect(dropped.document).toMatchObject({ title: 'my', path: null });
    expect(writeGraph(rebuild(dropped).document)).toBe(GRAPH);
    for (const text of ['', '{', '\u0000\u0001', '{"format":"emulsion","version":99,"nodes":{},"edges":{}}', '[1]']) {
      const source = { kind: 'bytes', name: 'bad.json', bytes: new TextEncoder().encode(text) } as const;
      expect((await client.call('document.open', { client: 'w', source })).ok).toBe(false);
    }
    const latin = { kind: 'bytes', name: 'latin.json', bytes: Uint8Array.of(0x7b, 0x22, 0xe9, 0x22, 0x7d) } as const;
    expect(sentence(await client.call('document.open', { client: 'w', source: latin }))).toMatch(
      /latin\.json: .* not UTF-8 text \(from byte 2\)/,
    );
    expect(sentence(await client.call('document.open', { client: 'w', source: { kind: 'document', id: '../../etc' } }))).toContain(
      'no such document',
    );
  });

  it('recent files: newest first, missing ones marked, forgotten when asked', async () => {
    for (const name of ['a.json', 'b.json']) {
      await writeFile(join(host.allowed, name), GRAPH);
      await open(join(host.allowed, name));
    }
    const { files } = unwrap(await client.call('recent.list', {}));
    expect(files.map((file) => file.title)).toEqual(['b', 'a']);
    const again = unwrap(await client.call('document.open', { client: 'x', source: { kind: 'recent', id: files[1]!.id } }));
    expect(again.document.title).toBe('a');
    unwrap(await client.call('recent.clear', { id: files[0]!.id }));
    expect(unwrap(await client.call('recent.list', {})).files.map((file) => file.title)).toEqual(['a']);
    unwrap(await client.call('recent.clear', {}));
    expect(unwrap(await client.call('recent.list', {})).files).toEqual([]);
  });
});

describe.each(['in-memory', 'web-socket'] as const)('two windows on one document over %s', (transport) => {
  it('each is told what the other did; who comes second is refused, told what was missed, and sends again', async () => {
    const [one, two] = [await host.connect(transport), await host.connect(transport)];
    const { document, ...opened } = unwrap(await one.call('document.create', { client: 'one', graph: GRAPH }));
    const { id } = document;
    const other = unwrap(await two.call('document.open', { client: 'two', source: { kind: 'document', id } }));
    const told: EventPayload<'document.changed'>[] = [];
    const heard = new Promise<void>((resolve) => {
      two.on('document.changed', (event) => {
        told.push(event);
        if (told.length === 3) resolve();
      });
    });
    const first = setTitle(rebuild(opened), 'Two');
    expect(unwrap(await one.call('document.append', { id, client: 'one', after: 0, lines: first.line }))).toEqual({
      outcome: 'added',
      sequence: 1,
    });

    const second = setTitle(rebuild(other), 'Mine');
    const behind = unwrap(await two.call('document.append', { id, client: 'two', after: 0, lines: second.line }));
    expect(behind).toMatchObject({ outcome: 'behind', sequence: 1 });
    const missed = behind.outcome === 'behind' ? behind.missed! : '';
    expect(readJournal(missed).entries).toMatchObject([{ kind: 'commit', label: 'Title Two' }]);
    const replayed = rebuild({ base: other.base, journal: other.journal + missed });
    const mine = setTitle(replayed, 'Mine');
    expect(unwrap(await two.call('document.append', { id, client: 'two', after: 1, lines: mine.line })).sequence).toBe(2);
    const back = writeJournalLine(unwrap(undo(mine.state)).entry!);
    expect(unwrap(await one.call('document.append', { id, client: 'one', after: 2, lines: back })).sequence).toBe(3);
    await heard;
    expect(told.map(({ client: by, after, sequence }) => [by, after, sequence])).toEqual([
      ['one', 0, 1],
      ['two', 1, 2],
      ['one', 2, 3],
    ]);
    const lines = told.map((event) => event.lines).join('');
    const final = unwrap(await two.call('document.open', { client: 'two', source: { kind: 'document', id } }));
    expect(rebuild({ base: other.base, journal: lines }).document).toEqual(rebuild(final).document);
    expect(rebuild(final).document.meta).toEqual({ title: 'Two' });
    expect(rebuild(final).redo.map((entry) => entry.label)).toEqual(['Title Mine']);
    one.close();
    two.close();
  });

  it('what is sent again after a lost answer is not added twice, after a restart of the host neither', async () => {
    const one = await host.connect(transport);
    const { document, ...opened } = unwrap(await one.call('document.create', { client: 'one' }));
    const { id } = document;
    const a = setTitle(rebuild(opened), 'A');
    const b = setTitle(a.state, 'B');
    const send = (by: ContractClient, after: number, lines: string, client = 'one') =>
      by.call('document.append', { id, client, after, lines });
    expect(unwrap(await send(one, 0, a.line)).sequence).toBe(1);
    expect(unwrap(await send(one, 0, a.line))).toEqual({ outcome: 'added', sequence: 1 });
    // The first of two is known already.
    expect(unwrap(await send(one, 0, a.line + b.line))).toEqual({ outcome: 'added', sequence: 2 });
    expect(unwrap(await send(one, 0, a.line, 'somebody else')).outcome).toBe('behind');
    one.close();
    await host.restart();
    const again = await host.connect(transport);
    expect(unwrap(await send(again, 0, a.line + b.line))).toEqual({ outcome: 'added', sequence: 2 });
    expect(unwrap(await send(again, 1, b.line))).toEqual({ outcome: 'added', sequence: 2 });
    const c = setTitle(b.state, 'C');
    expect(unwrap(await send(again, 2, c.line)).sequence).toBe(3);
    const now = unwrap(await again.call('document.open', { client: 'one', source: { kind: 'document', id } }));
    expect(rebuild(now).undo.map((entry) => entry.label)).toEqual(['Title A', 'Title B', 'Title C']);
    again.close();
  });
});

describe('what windows send', () => {
  it('is refused whole when a part of it does not fit, and leaves nothing behind', async () => {
    const { document, ...opened } = unwrap(await client.call('document.create', { client: 'w', graph: GRAPH }));
    const { id } = document;
    const good = setTitle(rebuild(opened), 'Good').line;
    const bad = (patch: object): string =>
      `${JSON.stringify({ kind: 'commit', label: 'x', into: 'new', patches: [patch], inverse: [] })}\n`;
    const lines = [
      `${good}{"kind":"undo"}\n{"kind":"undo"}\n`,
      `${good}{"kind":"dance"}\n`,
      good.trimEnd(),
      bad({ op: 'replace', path: ['nodes'], value: 7 }),
      bad({ op: 'replace', path: ['nodes', 'a'], value: null }),
      bad({ op: 'replace', path: ['format'], value: 'other' }),
      bad({ op: 'add', path: ['__proto__', 'polluted'], value: 1 }),
      bad({ op: 'replace', path: ['no', 'where', 'at', 'all'], value: 1 }),
      bad({ op: 'replace', path: [], value: [] }),
    ];
    for (const text of lines)
      expect((await client.call('document.append', { id, client: 'w', after: 0, lines: text })).ok, text).toBe(false);
    expect((await client.call('document.append', { id, client: 'w', after: 5, lines: good })).ok).toBe(false);
    expect({}).not.toHaveProperty('polluted');
    const now = unwrap(await client.call('document.open', { client: 'w', source: { kind: 'document', id } }));
    expect([now.journal, now.document.sequence]).toEqual(['', 0]);
  });

  it('a save of less than there is is refused', async () => {
    const path = join(host.allowed, 'a.json');
    await writeFile(path, GRAPH);
    const { document } = await open(path);
    await edit(document.id, 'New');
    expect(sentence(await client.call('document.save', { id: document.id, sequence: 0 }))).toContain('Another window');
  });

  it('the title can be changed', async () => {
    const { document } = unwrap(await client.call('document.create', { client: 'w' }));
    unwrap(await client.call('document.rename', { id: document.id, title: 'Apple' }));
    await host.restart();
    client = await host.connect();
    expect(unwrap(await client.call('document.list', {})).documents).toMatchObject([{ title: 'Apple', isOpen: false, isSaved: false }]);
  });
});

describe('recovery', () => {
  it('a file with changes that were never saved opens with them, and without them when there are none', async () => {
    const path = join(host.allowed, 'a.json');
    await writeFile(path, GRAPH);
    const { document } = await open(path);
    await host.restart();
    client = await host.connect();
    expect((await open(path)).document.id).not.toBe(document.id);
    const now = (await open(path)).document;
    await edit(now.id, 'Unsaved');
    await host.restart();
    client = await host.connect();
    const { documents } = unwrap(await client.call('document.list', {}));
    expect(documents).toMatchObject([{ id: now.id, isOpen: false, isSaved: false, isElsewhere: false, sequence: 1 }]);
    const again = await open(path);
    expect(again.document).toMatchObject({ id: now.id, isSaved: false });
    expect(again.problems.map((one) => one.message).join()).toContain('They were recovered');
    expect(writeGraph(unwrap(undo(rebuild(again))).state.document)).toBe(GRAPH);
    expect(await readFile(path, 'utf8')).toBe(GRAPH);
    unwrap(await client.call('document.close', { id: now.id, client: 'window', keep: true }));
    expect(unwrap(await client.call('document.list', {})).documents).toHaveLength(1);
    unwrap(await client.call('document.forget', { id: now.id }));
    expect(unwrap(await client.call('document.list', {})).documents).toEqual([]);
    expect(await readdir(join(host.stateFolder, 'documents'))).toEqual([]);
  });

  it('a document that another process has open is left to it', async () => {
    const { document } = unwrap(await client.call('document.create', { client: 'w' }));
    await host.restart();
    client = await host.connect();
    // The process that started this one is alive.
    await writeFile(join(host.stateFolder, 'documents', document.id, 'in-use'), `${process.ppid}\n`);
    expect(unwrap(await client.call('document.list', {})).documents).toMatchObject([{ isElsewhere: true }]);
    const refused = await client.call('document.open', { client: 'w', source: { kind: 'document', id: document.id } });
    expect(sentence(refused)).toContain(`open in another Emulsion (process ${process.ppid})`);
    expect((await client.call('document.forget', { id: document.id })).ok).toBe(false);
  });

  it('journals are shortened as they grow, with every step that can be undone', async () => {
    const { document, ...opened } = unwrap(await client.call('document.create', { client: 'w' }));
    const { id } = document;
    let { state } = { state: rebuild(opened) };
    const lines: string[] = [];
    for (let count = 0; count < 900; count++) {
      const next = setTitle(state, `${count} ${'x'.repeat(1000)}`, `Step ${count}`);
      state = next.state;
      lines.push(next.line);
    }
    for (let at = 0; at < lines.length; at += 50) {
      unwrap(await client.call('document.append', { id, client: 'w', after: at, lines: lines.slice(at, at + 50).join('') }));
    }
    const now = unwrap(await client.call('document.open', { client: 'w', source: { kind: 'document', id } }));
    expect(now.document.sequence).toBe(900);
    expect(now.journal.length).toBeLessThan(lines.join('').length * 0.75);
    expect(rebuild(now).document).toEqual(state.document);
    expect(rebuild(now).undo.map((one) => one.label)).toEqual(state.undo.map((one) => one.label));
    // Sent again from before it was shortened.
    const retry = await client.call('document.append', { id, client: 'w', after: 850, lines: lines.slice(850).join('') });
    expect(unwrap(retry)).toEqual({ outcome: 'added', sequence: 900 });
    const names = await readdir(join(host.stateFolder, 'documents', id));
    expect(names.filter((name) => name.startsWith('journal'))).toHaveLength(1);
  });

  it('damage: a torn line, a bad line, a bad base, no base', async () => {
    const { document, ...opened } = unwrap(await client.call('document.create', { client: 'w' }));
    const { id } = document;
    const a = setTitle(rebuild(opened), 'A');
    const b = setTitle(a.state, 'B');
    unwrap(await client.call('document.append', { id, client: 'w', after: 0, lines: a.line + b.line }));
    const folder = join(host.stateFolder, 'documents', id);
    const journal = join(folder, 'journal-0.jsonl');
    const sound = await readFile(journal, 'utf8');
    const reopen = async (text: string) => {
      await host.restart();
      client = await host.connect();
      const [name] = (await readdir(folder)).filter((one) => /^journal-\d+\.jsonl$/.test(one));
      await writeFile(join(folder, name!), text);
      return unwrap(await client.call('document.open', { client: 'w', source: { kind: 'document', id } }));
    };
    const torn = await reopen(sound.slice(0, -20));
    expect(torn.problems).toEqual([]);
    expect(rebuild(torn).undo.map((one) => one.label)).toEqual(['Title A']);
    expect(unwrap(await client.call('document.append', { id, client: 'w', after: 1, lines: b.line })).sequence).toBe(2);
    const bad = await reopen(`${sound.split('\n')[0]}\nnonsense\n${sound.split('\n')[1]}\n`);
    expect(bad.problems.map((one) => one.message).join()).toContain('damaged at entry 2');
    expect(rebuild(bad).document.meta).toEqual({ title: 'A' });
    expect((await readdir(folder)).some((name) => name.endsWith('.damaged'))).toBe(true);
    await host.restart();
    client = await host.connect();
    const [base] = (await readdir(folder)).filter((name) => name.startsWith('base'));
    await writeFile(join(folder, base!), 'rubbish');
    const refused = await client.call('document.open', { client: 'w', source: { kind: 'document', id } });
    expect(sentence(refused)).toContain("can't be read");
    unwrap(await client.call('document.forget', { id }));
  });

  it('bytes that are no text cost nothing that comes after them', async () => {
    const { document, ...opened } = unwrap(await client.call('document.create', { client: 'w' }));
    const { id } = document;
    const a = setTitle(rebuild(opened), 'AAAA');
    unwrap(await client.call('document.append', { id, client: 'w', after: 0, lines: a.line }));
    await host.restart();
    client = await host.connect();
    const journal = join(host.stateFolder, 'documents', id, 'journal-0.jsonl');
    const bytes = await readFile(journal);
    bytes[bytes.lastIndexOf('AAAA')] = 0xff;
    await writeFile(journal, bytes);
    const b = setTitle(a.state, 'B');
    expect(unwrap(await client.call('document.append', { id, client: 'w', after: 1, lines: b.line })).sequence).toBe(2);
    await host.restart();
    client = await host.connect();
    const now = unwrap(await client.call('document.open', { client: 'w', source: { kind: 'document', id } }));
    expect(now.problems).toEqual([]);
    expect(rebuild(now).document.meta).toEqual({ title: 'B' });
  });

  it('a file whose recovery copy is damaged opens as it is, with a sentence', async () => {
    const path = join(host.allowed, 'a.json');
    await writeFile(path, GRAPH);
    const { document } = await open(path);
    await edit(document.id, 'Unsaved');
    await host.restart();
    client = await host.connect();
    await writeFile(join(host.stateFolder, 'documents', document.id, 'base-0.json'), 'rubbish');
    const again = await open(path);
    expect(again.document.id).not.toBe(document.id);
    expect(again.problems.map((one) => one.message).join()).toContain("can't be recovered");
    expect(writeGraph(rebuild(again).document)).toBe(GRAPH);
  });

  it('a gesture that the end of the host cut short is one step', async () => {
    const { document, ...opened } = unwrap(await client.call('document.create', { client: 'w' }));
    const { id } = document;
    const a = setTitle(rebuild(opened), 'A');
    const lines = `{"kind":"mark"}\n${a.line}${setTitle(a.state, 'B').line}`;
    expect(unwrap(await client.call('document.append', { id, client: 'w', after: 0, lines })).sequence).toBe(3);
    await host.restart();
    client = await host.connect();
    expect(unwrap(await client.call('document.append', { id, client: 'w', after: 3, lines: '{"kind":"bail"}\n' }))).toMatchObject({
      outcome: 'behind',
      missed: null,
    });
    const now = unwrap(await client.call('document.open', { client: 'w', source: { kind: 'document', id } }));
    expect(rebuild(now)).toMatchObject({ document: { meta: { title: 'B' } }, undo: [{ label: 'Title B' }] });
  });
});

it('folders that can’t be written give a sentence', async () => {
  await mkdir(join(host.folder, 'state'), { recursive: true });
  await writeFile(join(host.folder, 'state', 'documents'), 'a file where a folder should be');
  expect(sentence(await client.call('document.create', { client: 'w' }))).toContain('EMULSION_STATE_DIR');
  expect(unwrap(await client.call('document.list', {})).documents).toEqual([]);
  expect(sentence(await client.call('document.append', { id: 'none', client: 'w', after: 0, lines: firstEdit('A') }))).toContain(
    'no such document',
  );
});
