import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDocument } from '../../../test/e2e/open-test-host.ts';
import { type CommandPlace, openCommandPlace } from '../../../test/e2e/spawn-command.ts';
import { fixturesRoot } from '../../../test/fixtures-reader.ts';

let place: CommandPlace;
beforeAll(async () => {
  place = await openCommandPlace();
});
afterAll(() => place.close());

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const SUM = makeDocument({ a: ['test.number'], add: ['test.add'] }, ['a.number > add.a', 'a.number > add.b']);

describe('emulsion', () => {
  it('without a command, or with an unknown one: helps on stderr, 64', async () => {
    const bare = await place.run([]);
    expect(bare).toMatchObject({ code: 64, stdout: '' });
    expect(bare.stderr).toMatch(/^Usage: emulsion/);
    const unknown = await place.run(['runn']);
    expect(unknown).toMatchObject({ code: 64, stdout: '' });
    expect(unknown.stderr).toMatch(/unknown command 'runn'\n\(Did you mean run\?\)/);
  });

  it('help and --help: on stdout, for every command', async () => {
    const all = await place.run(['help']);
    expect(all).toMatchObject({ code: 0, stderr: '' });
    const commands = [...all.stdout.matchAll(/^ {2}(\w+)(?: \[| <| )/gm)].map(([, name = '']) => name);
    expect(commands).toEqual(['run', 'check', 'diff', 'export', 'nodes', 'templates', 'models', 'cache', 'serve', 'help']);
    const [run, serve] = await Promise.all([place.run(['help', 'run']), place.run(['serve', '--help'])]);
    expect(run.stdout).toMatch(/--dump <node\.output=file>/);
    expect(serve).toMatchObject({ code: 0, stderr: '' });
    expect(serve.stdout).toMatch(/--token <token>/);
  });

  it('--version', async () => {
    expect(await place.run(['--version'])).toMatchObject({ code: 0, stdout: '0.0.0-test\n' });
  });
});

describe('emulsion check', () => {
  it('is content with a graph in order', async () => {
    const ended = await place.run(['check', await place.write('sum.json', SUM)]);
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: 'sum.json is in order: 2 nodes.\n' });
  });

  it('prints every problem once, one sentence a line, and ends with 1', async () => {
    const document = makeDocument(
      { p: ['test.picture', { size: 0 }], add: ['test.add'], other: ['test.missing'], loop: ['test.steps'], back: ['test.steps'] },
      ['p.image > add.a', 'loop.number > back.number', 'back.number > loop.number', 'ghost.number > add.b'],
    );
    const { code, stdout, stderr } = await place.run(['check', await place.write('wrong.json', document)]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const found = lines(stdout);
    expect(new Set(found).size).toBe(found.length);
    for (const pattern of [/“p”.*must be a whole number from 1/, /test\.missing/, /circle|cycle/i, /ghost/, /“add”/]) {
      expect(found.filter((line) => pattern.test(line)).length).toBeGreaterThan(0);
    }
    expect(found.every((line) => /^(error|warning): .*[.?]$/.test(line))).toBe(true);
  });

  it('ends with 2 where only a file is missing, and as JSON names the node', async () => {
    const document = makeDocument({ load: ['test.load', { file: 'gone.png' }] });
    const { code, stdout } = await place.run(['check', await place.write('load.json', document), '--json']);
    expect(code).toBe(2);
    expect(lines(stdout).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ code: 'file.missing', severity: 'error', nodeId: 'load' }),
    ]);
  });

  it('looks at the graph as --set leaves it', async () => {
    await place.write('mended.json', makeDocument({ p: ['test.picture', { size: 0 }] }));
    expect(await place.run(['check', 'mended.json'])).toMatchObject({ code: 1 });
    expect(await place.run(['check', 'mended.json', '--set', 'p.size=4'])).toMatchObject({ code: 0, stdout: '' });
  });

  it('ends with 2 for a file that is not there and 1 for one that is no graph', async () => {
    const missing = await place.run(['check', 'nowhere.json']);
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stdout).toMatch(/^error: There is no file and no template nowhere\.json\./);
    expect(await place.run(['check', await place.write('broken.json', '{"format":')])).toMatchObject({ code: 1 });
  });
});

describe('emulsion diff', () => {
  it('tells changes in nodes and parameters, or that there are none', async () => {
    await place.write('a.json', makeDocument({ a: ['test.number', { value: 1 }] }));
    await place.write('b.json', makeDocument({ a: ['test.number', { value: 2 }], b: ['test.number'] }));
    expect(await place.run(['diff', 'a.json', 'b.json'])).toMatchObject({
      code: 0,
      stdout: 'Number “a”: Value 1 → 2\nadded Number “b”\n',
      stderr: '',
    });
    expect(await place.run(['diff', 'a.json', 'a.json'])).toMatchObject({ code: 0, stdout: 'Nothing has changed.\n', stderr: '' });
    const asJson = await place.run(['diff', 'a.json', 'b.json', '--json']);
    expect(lines(asJson.stdout).map((line) => JSON.parse(line).kind)).toEqual(['param', 'added']);
  });

  it('names every file it can’t read', async () => {
    const { code, stdout, stderr } = await place.run(['diff', 'gone-1.json', 'gone-2.json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/gone-1[\s\S]*gone-2/);
  });
});

describe('emulsion nodes', () => {
  it('lists them, tells all about one, and writes them as JSON', async () => {
    const [list, one, json, none] = await Promise.all([
      place.run(['nodes']),
      place.run(['nodes', 'test.steps']),
      place.run(['nodes', '--json']),
      place.run(['nodes', 'test.step']),
    ]);
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).toMatch(/^Test\n {2}test\.number {2,}Number: For tests\.\n/);
    expect(one.stdout).toMatch(/Parameters:\n {2}count \(.*1.*10000.*default 3\)/);
    expect(lines(json.stdout).map((line) => JSON.parse(line).id)).toContain('test.steps');
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toMatch(/Did you mean .*test\.steps/);
  });
});

describe('emulsion templates', () => {
  it('lists them; run and check take their names', async () => {
    const document = { ...SUM, meta: { title: 'Sum', description: 'Adds a number to itself.' } };
    await place.write('templates/add-up.json', document);
    expect(await place.run(['templates'])).toMatchObject({ code: 0, stdout: 'add-up  Sum: Adds a number to itself.\n' });
    const json = await place.run(['templates', '--json']);
    expect(JSON.parse(json.stdout)).toEqual({ name: 'add-up', title: 'Sum', description: 'Adds a number to itself.' });
    expect(await place.run(['check', 'add-up'])).toMatchObject({ code: 0 });
    // As --out leaves it.
    await mkdir(join(place.folder, 'add-up'));
    expect(await place.run(['check', 'add-up'])).toMatchObject({ code: 0, stderr: 'add-up is in order: 2 nodes.\n' });
  });
});

describe('emulsion models', () => {
  it('lists what is in a folder and warns of what can’t be opened', async () => {
    await cp(join(fixturesRoot(), 'pipelines', 'lcm-tiny'), join(place.folder, 'models/sd/tiny'), { recursive: true });
    await writeFile(join(place.folder, 'models/broken.safetensors'), 'once upon a time');
    const { code, stdout, stderr } = await place.run(['models', 'models']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^sd\/tiny {2}.+, .*models\/sd\/tiny\n$/);
    expect(stderr).toMatch(/^warning: .*broken\.safetensors/);
    await cp(join(fixturesRoot(), 'loras/sd15-peft.safetensors'), join(place.folder, 'models/style.safetensors'));
    const withLora = await place.run(['models', 'models', '--json']);
    expect(lines(withLora.stdout).map((line) => JSON.parse(line).name)).toEqual([join('sd', 'tiny')]);
    expect(lines(withLora.stderr)).toEqual([
      expect.stringMatching(/^warning: .*broken\.safetensors/),
      expect.stringMatching(/^Not listed: 1 other file that is no checkpoint \(/),
    ]);
    expect((await place.run(['models', 'models/style.safetensors'])).stderr).toMatch(/^warning: .*style\.safetensors looks like a LoRA/m);
    const named = await place.run(['models', '--json'], { EMULSION_MODELS: join(place.folder, 'models/sd') });
    expect(JSON.parse(named.stdout)).toMatchObject({ name: 'tiny', bundled: false });
  });

  it('ends with 2 for a folder that is not there', async () => {
    expect(await place.run(['models', 'no-such-folder'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('emulsion cache', () => {
  it('shows what is kept, and clears that and nothing else', async () => {
    const env = { EMULSION_CACHE_DIR: join(place.folder, 'own cache') };
    await mkdir(env.EMULSION_CACHE_DIR);
    await writeFile(join(env.EMULSION_CACHE_DIR, 'diary.txt'), 'mine');
    const graph = await place.write('slow.json', makeDocument({ p: ['test.picture', { size: 64, slowMs: 60 }] }));
    await place.run(['run', graph], env);
    const shown = await place.run(['cache'], env);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/own cache: 1 result, \d+\.\d kB\n$/);
    const cleared = await place.run(['cache', 'clear', '--json'], env);
    expect(JSON.parse(cleared.stdout)).toMatchObject({ entries: 1 });
    expect(JSON.parse((await place.run(['cache', 'show', '--json'], env)).stdout)).toEqual({
      folder: env.EMULSION_CACHE_DIR,
      entries: 0,
      bytes: 0,
    });
    await rm(join(env.EMULSION_CACHE_DIR, 'diary.txt'));
  });

  it('says so where the folder can’t be used; a run warns of it once and is done', async () => {
    const env = { EMULSION_CACHE_DIR: join(place.folder, await place.write('no folder', 'mine')) };
    for (const args of [['cache'], ['cache', 'clear', '--json']]) {
      const ended = await place.run(args, env);
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toMatch(/^error: .*no folder is a file, or lies in one, .* Set EMULSION_CACHE_DIR to a folder\.\n$/);
    }
    const slow = { size: 64, slowMs: 60 };
    const pictures = makeDocument({ p: ['test.picture', slow], q: ['test.picture', { ...slow, size: 65 }], work: ['test.steps'] });
    const graph = await place.write('two.json', pictures);
    const ran = await place.run(['run', graph], env);
    expect(ran).toMatchObject({ code: 0 });
    expect(lines(ran.stderr).filter((line) => /^warning: Results could not be kept in .*no folder \(ENOTDIR\)/.test(line))).toHaveLength(1);
    const last = await place.write('last.json', makeDocument({ p: ['test.picture', slow] }));
    expect((await place.run(['run', last], env)).stderr).toMatch(/^warning: Results could not be kept in /m);
    const inside = await place.run(['cache'], { EMULSION_CACHE_DIR: join(place.folder, 'nothing yet') });
    expect(inside).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('emulsion serve', () => {
  it('prints where to log in, and ends in order within a second when told to', async () => {
    const command = place.start(['serve', '--port', '0']);
    const [, address = ''] = await command.waitFor('stdout', /^(http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32})\n/);
    const welcome = await fetch(address, { redirect: 'manual' });
    expect(welcome.status).toBe(303);
    command.pressCtrlC();
    const ended = await command.ended;
    expect(ended).toMatchObject({ code: 0, leftProcesses: false });
    expect(ended.tookMs).toBeLessThan(1000);
  });

  it('takes its token from the environment, and warns when others can connect', async () => {
    const token = 'b94d27b9934d3e08a52e52d7da7dabfa';
    const command = place.start(['serve', '--port', '0', '--host', '0.0.0.0', '--json'], { EMULSION_TOKEN: token });
    const [line] = await command.waitFor('stdout', /^.+\n/);
    expect(JSON.parse(line)).toMatchObject({ event: 'listening', token });
    await command.waitFor('stderr', /^warning: Everybody who can reach 0\.0\.0\.0 .*encrypted/);
    command.pressCtrlC();
    expect(await command.ended).toMatchObject({ code: 0 });
  });

  it('warns when browsers have no editor to load, and only then', async () => {
    const bare = place.start(['serve', '--port', '0']);
    await bare.waitFor('stderr', /^warning: The editor has not been built.* npm run build:editor.*\nListening/);
    bare.pressCtrlC();
    await bare.ended;
    await mkdir(join(place.folder, 'editor'));
    await writeFile(join(place.folder, 'editor/index.html'), '<!doctype html>');
    const built = place.start(['serve', '--port', '0']);
    await built.waitFor('stderr', /^Listening/);
    built.pressCtrlC();
    expect(await built.ended).toMatchObject({ code: 0 });
    await rm(join(place.folder, 'editor'), { recursive: true });
  });

  it('refuses a token that can be guessed, and a port that is taken', async () => {
    const weak = await place.run(['serve', '--port', '0', '--token', 'letmein']);
    expect(weak).toMatchObject({ code: 64, stdout: '' });
    expect(weak.stderr).toMatch(/too easy to guess: it must hold 128 bits/);
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)); // TCP servers have one
    });
    const taken = await place.run(['serve', '--port', String(port)]);
    expect(taken).toMatchObject({ code: 64, stdout: '' });
    expect(taken.stderr).toMatch(/in use by another program/);
    other.close();
    expect(await place.run(['serve', '--port', '70000'])).toMatchObject({ code: 64 });
  });
});
