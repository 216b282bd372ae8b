import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../models/write-safetensors.ts';
import { tensor } from '../../../nodes/tensor.ts';
import { makeDocument } from '../../../test/e2e/open-test-host.ts';
import { type CommandPlace, openCommandPlace } from '../../../test/e2e/spawn-command.ts';
import { unwrap } from '../../../test/unwrap.ts';

let place: CommandPlace;
beforeAll(async () => {
  place = await openCommandPlace();
  await place.write(
    'picture.json',
    makeDocument(
      { work: ['test.steps', { count: 4 }], p: ['test.picture', { size: 4, slowMs: 60 }], save: ['test.save', { name: 'dot' }] },
      ['p.image > save.image'],
    ),
  );
  await place.write(
    'number.json',
    makeDocument({ a: ['test.number', { value: 2 }], b: ['test.number', { value: 3 }], add: ['test.add'] }, [
      'a.number > add.a',
      'b.number > add.b',
    ]),
  );
  await place.write('long.json', makeDocument({ work: ['test.steps', { count: 10_000, stepMs: 20 }] }));
  await place.write('stubborn.json', makeDocument({ work: ['test.steps', { count: 10_000, stepMs: 20, cooperative: false }] }));
});
afterAll(() => place.close());

describe('emulsion run', () => {
  it('prints one line a result on stdout and how it goes on stderr', async () => {
    const first = await place.run(['run', 'picture.json', '--out', 'pictures']);
    expect(first).toMatchObject({ code: 0, stdout: `${join(place.folder, 'pictures', 'dot.png')}\n`, leftProcesses: false });
    expect(first.stderr).toMatch(/^Picture: done in .+\nSave: done in .+\n$/);
    expect((await readFile(join(place.folder, 'pictures', 'dot.png'))).subarray(1, 4).toString()).toBe('PNG');

    const again = await place.run(['run', 'pictures/dot.png', '--out', 'pictures', '--set', 'save.name=again']);
    expect(again).toMatchObject({ code: 0, stdout: `${join(place.folder, 'pictures', 'again.png')}\n` });
    expect(again.stderr).toMatch(/Picture: unchanged, kept from before/);
  });

  it('tells the step, how many there are and the time left', async () => {
    const document = makeDocument({ work: ['test.steps', { count: 3, stepMs: 30 }] });
    const { code, stdout, stderr } = await place.run(['run', await place.write('steps.json', document), '--no-cache']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^Steps: step 1 of 3, \d+ ms left\n(?:.+\n)*Steps: done in .+\n$/);
  });

  it('writes raw values and says where', async () => {
    const { code, stdout } = await place.run(['run', 'number.json', '--set', 'a.value=40', '--dump', 'add.sum=sum.safetensors']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${join(place.folder, 'sum.safetensors')}\n` });
    const bytes = await readFile(join(place.folder, 'sum.safetensors'));
    expect(bytes.readFloatLE(bytes.length - 4)).toBe(43);
  });

  it('writes raw values over earlier ones, and over nothing else', async () => {
    const dump = (name: string, output = 'add.sum') => place.run(['run', 'number.json', '--dump', `${output}=${name}`]);
    await place.write('empty.safetensors', '');
    for (const [name, output] of [['again.safetensors'], ['again.safetensors', 'a.number'], ['empty.safetensors']] as const) {
      expect(await dump(name, output)).toMatchObject({ code: 0 });
    }
    const embedding = { emb_params: tensor(new Float32Array(4), [1, 4]) };
    unwrap(await writeSafetensors(join(place.folder, 'embedding.safetensors'), embedding));
    const graph = await readFile(join(place.folder, 'number.json'), 'utf8');
    for (const name of ['number.json', 'embedding.safetensors', '.']) {
      const refused = await dump(name);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toMatch(/^error: --dump: .* (?:exists and is no earlier dump|is a folder)/);
    }
    expect(await readFile(join(place.folder, 'number.json'), 'utf8')).toBe(graph);
    const both = await place.run(['run', 'number.json', '--dump', 'a.number=x.safetensors', '--dump', 'add.sum=x.safetensors']);
    expect(both.stderr).toMatch(/^error: --dump: two outputs would be written to /);
  });

  it('--json writes every event on a line of stdout, and nothing on stderr', async () => {
    const { code, stdout, stderr } = await place.run(['run', 'picture.json', '--out', 'json', '--json']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(events.find((one) => one.event === 'result')).toEqual({
      event: 'result',
      nodeId: 'save',
      result: { kind: 'file', path: join(place.folder, 'json', 'dot.png'), widthPx: 4, heightPx: 4 },
    });
    expect(events.at(-1)).toMatchObject({ event: 'ended', outcome: 'done', problems: [] });
  });

  it('says so where there is nothing to run', async () => {
    const graph = await place.write('nothing-in-it.json', makeDocument({}));
    const ended = await place.run(['run', graph]);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toMatch(/^warning: There is nothing to run: the graph has no nodes\. .*\n$/);
    const asJson = await place.run(['run', graph, '--json']);
    const events = asJson.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect({ events, stderr: asJson.stderr }).toEqual({ events: ['problem', 'ended'], stderr: '' });
  });

  it('--no-cache keeps nothing', async () => {
    const env = { EMULSION_CACHE_DIR: join(place.folder, 'unused') };
    await place.run(['run', 'number.json', '--no-cache'], env);
    expect(existsSync(join(place.folder, 'unused'))).toBe(false);
  });

  it.each([
    ['a graph that is wrong', ['wrong.json'], 1, /^error: Add “add” .*\n/],
    ['a setting for no node', ['number.json', '--set', 'c.value=1'], 1, /^error: .*“c”.*\n$/],
    ['a value out of range', ['long.json', '--set', 'work.count=0'], 1, /must be a whole number from 1 to 10000, and is 0/],
    ['a dump of no output', ['number.json', '--dump', 'add.total=x.safetensors'], 1, /has no output “total”/],
    ['a dump of no tensor', ['words.json', '--dump', 'all.text=x.safetensors'], 1, /^error: --dump: Gather “all” has no tensor .*\n$/],
    ['no such file', ['nothing.json'], 2, /^error: There is no file and no template nothing\.json\..*\n$/],
    ['a file that is no graph', ['text.json'], 1, /^error: text\.json: /],
    ['a node without its model', ['trouble.json', '--set', 'bad.kind=fail'], 2, /^error: Trouble: there is no such model/m],
    ['two nodes without their model', ['troubles.json'], 2, /^error: Trouble: there is no such model[^\n]*\n$/],
    ['a picture outside', ['load.json'], 2, /lies outside the folders/],
    ['a node that fails', ['trouble.json'], 3, /^error: Trouble stopped with an error inside: reading a field of nothing/m],
    ['an unknown option', ['number.json', '--sett', 'a.value=1'], 64, /unknown option '--sett'/],
    ['an unknown device', ['number.json', '--device', 'abacus'], 64, /Allowed choices are auto, cpu, webgpu, cuda/],
  ])('%s: says so on stderr and in the exit code', async (_case, args, code, sentence) => {
    await place.write('wrong.json', makeDocument({ a: ['test.number'], add: ['test.add'] }, ['a.number > add.a']));
    await place.write('text.json', 'once upon a time');
    await place.write('words.json', makeDocument({ a: ['test.number'], all: ['test.gather'] }, ['a.number > all.numbers']));
    await place.write('trouble.json', makeDocument({ bad: ['test.trouble'] }));
    await place.write(
      'troubles.json',
      makeDocument({ bad: ['test.trouble', { kind: 'fail' }], worse: ['test.trouble', { kind: 'fail' }] }),
    );
    await place.write('load.json', makeDocument({ load: ['test.load', { file: '/etc/hostname' }] }));
    const ended = await place.run(['run', ...args]);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(sentence);
  });

  it('reads a picture outside when it is named by hand or its folder is allowed', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'emulsion-outside-'));
    const made = await place.run(['run', 'picture.json', '--out', outside]);
    const file = made.stdout.trim();
    const document = makeDocument({ load: ['test.load', { file }], show: ['test.show'] }, ['load.image > show.image']);
    const graph = await place.write('outside.json', document);
    expect(await place.run(['run', graph])).toMatchObject({ code: 2 });
    const allowed = await place.run(['run', graph, '--allow', outside]);
    expect(allowed).toMatchObject({ code: 0, stdout: '' });
    expect(allowed.stderr).toMatch(/shown: 4×4 pixels/);
    expect(await place.run(['run', graph, '--set', `load.file=${file}`])).toMatchObject({ code: 0 });
    await rm(outside, { recursive: true });
  });

  it('goes on to its end when nobody reads stdout any more', async () => {
    const command = place.start(['run', 'picture.json', '--out', 'unread']);
    command.child.stdout?.destroy();
    expect(await command.ended).toMatchObject({ code: 0 });
    expect(await readdir(join(place.folder, 'unread'))).toEqual(['dot.png']);
  });
});

describe('Ctrl-C', () => {
  it.each(['long.json', 'stubborn.json'])('ends %s within a second, with everything it started', async (graph) => {
    const command = place.start(['run', graph, '--no-cache']);
    await command.waitFor('stderr', /step 1 of/);
    command.pressCtrlC();
    const ended = await command.ended;
    expect(ended).toMatchObject({ code: 130, stdout: '', leftProcesses: false });
    expect(ended.stderr).toMatch(/cancelling …\n(?:.+\n)*cancelled\n$/);
    expect(ended.tookMs).toBeLessThan(1000);
  });

  it('pressed twice ends at once', async () => {
    const command = place.start(['run', 'stubborn.json', '--no-cache']);
    await command.waitFor('stderr', /step 1 of/);
    command.pressCtrlC();
    await command.waitFor('stderr', /cancelling/);
    command.pressCtrlC();
    const ended = await command.ended;
    expect(ended).toMatchObject({ code: 130, leftProcesses: false });
    expect(ended.tookMs).toBeLessThan(350);
  });

  it('leaves no half-written picture, and keeps the finished one', async () => {
    const document = makeDocument(
      { p: ['test.picture', { size: 8 }], one: ['test.save', { name: 'one' }], work: ['test.steps', { count: 10_000, stepMs: 20 }] },
      ['p.image > one.image'],
    );
    const graph = await place.write('both.json', document);
    const command = place.start(['run', graph, '--out', 'cut', '--no-cache', '--dump', 'work.number=cut/work.safetensors']);
    await command.waitFor('stderr', /step 1 of/);
    command.pressCtrlC();
    expect(await command.ended).toMatchObject({ code: 130, stdout: `${join(place.folder, 'cut', 'one.png')}\n` });
    expect(await readdir(join(place.folder, 'cut'))).toEqual(['one.png']);
  });

  it('is told as an event to those who read JSON', async () => {
    const command = place.start(['run', 'long.json', '--no-cache', '--json']);
    await command.waitFor('stdout', /"event":"progress"/);
    command.pressCtrlC();
    const { code, stdout } = await command.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ event: 'ended', outcome: 'cancelled' });
  });
});
