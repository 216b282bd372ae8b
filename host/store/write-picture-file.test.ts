import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dropPartialDumps, dropPartialFiles } from './partial-files.ts';
import { sanitiseName, writePictureFile } from './write-picture-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-out-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const BYTES = Uint8Array.of(1, 2, 3);

async function write(name: string, extension = 'png', bytes = BYTES): Promise<string> {
  const written = await writePictureFile(folder, name, extension, bytes);
  if (!written.ok) throw new Error(written.problem.message);
  return basename(written.value);
}

describe('writing a picture', () => {
  it('makes the folder, and leaves nothing but the picture', async () => {
    const written = await writePictureFile(join(folder, 'a', 'b'), 'apple', 'png', BYTES);
    expect(written).toEqual({ ok: true, value: join(folder, 'a', 'b', 'apple.png') });
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['apple.png']);
    expect(new Uint8Array(await readFile(join(folder, 'a', 'b', 'apple.png')))).toEqual(BYTES);
  });

  it('never overwrites: not a file, not a folder, not a link', async () => {
    await writeFile(join(folder, 'a.png'), 'mine');
    await mkdir(join(folder, 'a-2.png'));
    await writeFile(join(folder, 'target'), 'mine');
    await symlink(join(folder, 'target'), join(folder, 'a-3.png'));
    await symlink('/nowhere', join(folder, 'a-4.png'));
    expect(await write('a')).toBe('a-5.png');
    expect(await readFile(join(folder, 'a.png'), 'utf8')).toBe('mine');
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('mine');
  });

  it('goes on behind its last picture, and begins anew once that is gone', async () => {
    expect([await write('a'), await write('a'), await write('a')]).toEqual(['a.png', 'a-2.png', 'a-3.png']);
    await rm(join(folder, 'a.png'));
    expect(await write('a')).toBe('a-4.png');
    expect(await write('a', 'webp')).toBe('a.webp');
    await rm(join(folder, 'a-4.png'));
    expect([await write('a'), await write('a')]).toEqual(['a.png', 'a-4.png']);
  });

  it('gives each of many at once a name of its own', async () => {
    const fresh = join(folder, 'made', 'by', 'all');
    const all = await Promise.all(Array.from({ length: 30 }, () => writePictureFile(fresh, 'a', 'png', BYTES)));
    const names = all.map((one) => (one.ok ? basename(one.value) : one.problem.message));
    expect(new Set(names).size).toBe(30);
    expect((await readdir(fresh)).sort()).toEqual(names.sort());
  });

  it.each([
    ['a file in the way', async () => writeFile(join(folder, 'out'), '').then(() => join(folder, 'out'))],
    ['a device', async () => '/dev/null'],
    ['a system folder', async () => '/proc/emulsion'],
  ])('says what is wrong with %s instead of a folder', async (_what, make) => {
    const written = await writePictureFile(await make(), 'a', 'png', BYTES);
    expect(written).toMatchObject({ ok: false, problem: { code: 'file.writeFailed' } });
    if (!written.ok) expect(written.problem.message).toMatch(/could not be written into .*--out/);
  });
});

describe('a name', () => {
  it.each([
    ['a red apple', 'a red apple'],
    ['../../etc/passwd', 'etc-passwd'],
    ['/absolute', 'absolute'],
    ['C:\\windows\\x', 'C-windows-x'],
    ['', 'picture'],
    ['...', 'picture'],
    ['a\0b\nc', 'a-b-c'],
    ['con', 'con-'],
    ['NUL.txt', 'NUL-.txt'],
    ['console', 'console'],
    ['trailing. . ', 'trailing'],
    ['\u202Eevil', 'evil'],
    ['emoji 🍎 apple', 'emoji 🍎 apple'],
  ])('%j becomes %j', (given, wanted) => {
    expect(sanitiseName(given)).toBe(wanted);
  });

  it('that is long in bytes can be written', async () => {
    expect(await write('🍎'.repeat(300))).toBe(`${'🍎'.repeat(50)}.png`);
    expect(await write('一'.repeat(300), 'jpg')).toBe(`${'一'.repeat(66)}.jpg`);
  });

  it('is a file name inside the folder, whatever it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 400 }), async (name) => {
        const written = await writePictureFile(folder, name, 'png', BYTES);
        if (!written.ok) throw new Error(written.problem.message);
        expect(dirname(written.value)).toBe(folder);
        expect(Buffer.byteLength(basename(written.value))).toBeLessThan(220);
        expect(await readdir(folder)).toContain(basename(written.value));
        await rm(written.value);
      }),
      { numRuns: 50, seed: 1 },
    );
  });
});

describe('what a killed process left half-written', () => {
  it('goes, and what a living one is writing stays', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const dead = `.emulsion-${child.pid}-0123456789abcdef.partial`;
    const alive = `.emulsion-${process.pid}-0123456789abcdef.partial`;
    for (const name of [dead, alive, 'apple.png', 'notes.partial']) await writeFile(join(folder, name), '');
    await dropPartialFiles(folder);
    expect((await readdir(folder)).sort()).toEqual([alive, 'apple.png', 'notes.partial'].sort());
    await dropPartialFiles(folder, process.pid);
    expect((await readdir(folder)).sort()).toEqual(['apple.png', 'notes.partial']);
    await dropPartialFiles(join(folder, 'nowhere'));
  });

  it('of a dump goes, and files with like names stay', async () => {
    const half = 'x.safetensors.6f2b1c9e-7b1f-4a52-9d39-000000000000.partial';
    const others = ['x.safetensors', 'x.safetensors.old.partial', 'y.safetensors.6f2b1c9e-7b1f-4a52-9d39-000000000000.partial'];
    for (const name of [half, ...others]) await writeFile(join(folder, name), '');
    await dropPartialDumps(join(folder, 'x.safetensors'));
    expect((await readdir(folder)).sort()).toEqual(others.sort());
  });
});
