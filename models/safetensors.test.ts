import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensor } from '../nodes/tensor.ts';
import { fixturesRoot, float32Of, readSafetensorsFile } from '../test/fixtures-reader.ts';
import { hashFile } from './fingerprint.ts';
import { readTensor } from './read-tensor.ts';
import { openSafetensors } from './safetensors.ts';
import { writeSafetensors } from './write-safetensors.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function place(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function rawFile(header: string, data: Uint8Array, claimedHeaderBytes = header.length): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimedHeaderBytes), true);
  bytes.set(new TextEncoder().encode(header), 8);
  bytes.set(data, 8 + header.length);
  return bytes;
}

async function refusal(path: string): Promise<{ code: string; message: string }> {
  const result = await openSafetensors(path);
  if (result.ok) throw new Error(`${path} was accepted`);
  expect(result.problem.message).toContain(path);
  return result.problem;
}

describe('openSafetensors', () => {
  it.each(['F32', 'F16', 'BF16', 'F64', 'I64', 'U8'])('reads %s tensors as float32', async (dtype) => {
    const bytes: Record<string, Uint8Array> = {
      F32: new Uint8Array(Float32Array.of(1.5, -2, 0.25).buffer),
      F16: new Uint8Array(Uint16Array.of(0x3e00, 0xc000, 0x3400).buffer),
      BF16: new Uint8Array(Uint16Array.of(0x3fc0, 0xc000, 0x3e80).buffer),
      F64: new Uint8Array(Float64Array.of(1.5, -2, 0.25).buffer),
      I64: new Uint8Array(BigInt64Array.of(1n, -2n, 3n).buffer),
      U8: Uint8Array.of(1, 2, 3),
    };
    const data = bytes[dtype]!;
    const path = await place(
      `${dtype}.safetensors`,
      rawFile(`{"t":{"dtype":"${dtype}","shape":[3],"data_offsets":[0,${data.length}]}}`, data),
    );
    const file = await openSafetensors(path);
    if (!file.ok) throw new Error(file.problem.message);
    const read = await readTensor(file.value, 't');
    if (!read.ok) throw new Error(read.problem.message);
    expect(read.value.shape).toEqual([3]);
    const expected = { I64: [1, -2, 3], U8: [1, 2, 3] }[dtype] ?? [1.5, -2, 0.25];
    expect([...read.value.data]).toEqual(expected);
  });

  it('reads what diffusers wrote', async () => {
    const path = `${fixturesRoot()}pipelines/inpaint-tiny/unet/diffusion_pytorch_model.safetensors`;
    const file = await openSafetensors(path);
    if (!file.ok) throw new Error(file.problem.message);
    const read = await readTensor(file.value, 'conv_in.weight');
    expect(read.ok && read.value.shape).toEqual([32, 9, 3, 3]);
    expect(read.ok && read.value.data).toEqual(float32Of(readSafetensorsFile(path), 'conv_in.weight'));
  });

  it('names a tensor that is not there', async () => {
    const path = await place('small.safetensors', rawFile('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', Uint8Array.of(7)));
    const file = await openSafetensors(path);
    const read = await readTensor(file.ok ? file.value : expect.fail(), 'b');
    expect(!read.ok && read.problem).toMatchObject({
      code: 'model.missingTensor',
      message: expect.stringMatching(/no tensor b; it begins with a/),
    });
  });

  it('says what other files are and what to do about them', async () => {
    const zip = [0x50, 0x4b, 0x03, 0x04, ...Array.from({ length: 26 }, () => 0)];
    const text = (value: string) => [...new TextEncoder().encode(value)];
    const cases: [string, string | Uint8Array, string, RegExp][] = [
      ['sd.ckpt', Uint8Array.from([...zip, ...text('archive/data.pkl')]), 'model.unsafe', /pickle.*python -c/],
      ['old.pt', Uint8Array.from([0x80, 0x02, 0x8a, 0x0a, 0x6c]), 'model.unsafe', /pickle/],
      ['pack.zip', Uint8Array.from([...zip, ...text('readme.txt')]), 'model.unsupported', /archive.*Unpack/],
      ['model.gguf', Uint8Array.from([...text('GGUF'), 3, 0, 0, 0]), 'model.unsupported', /GGUF/],
      ['model.onnx', Uint8Array.from([0x08, 0x08, 0x12, 0x07, ...text('pytorch')]), 'model.unsupported', /ONNX/],
      ['picture.safetensors', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]), 'model.unsupported', /picture/],
      ['page.safetensors', '\n<!DOCTYPE html><html>Sign in</html>', 'file.damaged', /web page.*download it again/],
      [
        'pointer.safetensors',
        'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4265146304\n',
        'file.damaged',
        /git lfs pull/,
      ],
      ['error.safetensors', '{"error":"gated repo"}', 'file.damaged', /JSON/],
      ['empty.safetensors', '', 'file.damaged', /is empty/],
      ['reserved.safetensors', new Uint8Array(9000), 'file.damaged', /zeros only/],
      ['noise.safetensors', Uint8Array.from([200, 17, 4, 99, 3]), 'file.damaged', /does not begin like/],
    ];
    for (const [name, content, code, message] of cases) {
      const found = await refusal(await place(name, content));
      expect(found).toMatchObject({ code, message: expect.stringMatching(message) });
    }
  });

  it('tells a folder, a missing file and a link that leads nowhere', async () => {
    await mkdir(join(folder, 'sub'));
    expect(await refusal(join(folder, 'sub'))).toMatchObject({ code: 'file.unsupported', message: expect.stringMatching(/is a folder/) });
    expect(await refusal(join(folder, 'nothing.safetensors'))).toMatchObject({ code: 'file.missing' });
    await symlink(join(folder, 'gone'), join(folder, 'link.safetensors'));
    expect(await refusal(join(folder, 'link.safetensors'))).toMatchObject({ code: 'file.missing' });
    expect(await refusal('/dev/null')).toMatchObject({ code: 'file.unsupported', message: expect.stringMatching(/regular file/) });
  });

  it('follows links to the real file', async () => {
    const real = await place('blob', rawFile('{}', new Uint8Array()));
    await symlink(real, join(folder, 'model.safetensors'));
    const file = await openSafetensors(join(folder, 'model.safetensors'));
    expect(file.ok && file.value.path).toMatch(/\/blob$/);
  });

  it('tells a download cut short from a header that lies', async () => {
    const path = await place('cut.safetensors', rawFile('{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}', new Uint8Array(16)));
    await truncate(path, (await stat(path)).size - 5);
    expect(await refusal(path)).toMatchObject({ code: 'model.damaged', message: expect.stringMatching(/cut short.*has only/) });
    await truncate(path, 20);
    expect(await refusal(path)).toMatchObject({ message: expect.stringMatching(/cut short: its header alone/) });
    const lying = await place('lying.safetensors', rawFile('{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,12]}}', new Uint8Array(12)));
    expect(await refusal(lying)).toMatchObject({ message: expect.stringMatching(/is damaged: tensor "a" says/) });
    const huge = await place('huge.safetensors', rawFile('{}', new Uint8Array(), 2 ** 32));
    expect(await refusal(huge)).toMatchObject({ message: expect.stringMatching(/header claims 4294967296 bytes/) });
  });

  it('changes the fingerprint when the file changes, by content or by time', async () => {
    const path = await place(
      'print.safetensors',
      rawFile('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', Uint8Array.of(1, 2, 3, 4)),
    );
    const print = async () => {
      const file = await openSafetensors(path);
      return file.ok ? file.value.fingerprint : expect.fail();
    };
    const time = new Date(2020, 1, 1);
    await utimes(path, time, time);
    const first = await print();
    expect(await print()).toBe(first);
    await writeFile(path, rawFile('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', Uint8Array.of(1, 2, 3, 5)));
    await utimes(path, time, time);
    const second = await print();
    expect(second).not.toBe(first);
    await utimes(path, time, new Date(2021, 1, 1));
    expect(await print()).not.toBe(second);
  });
});

describe('writeSafetensors', () => {
  it('writes what the reader reads, and leaves no temporary file', async () => {
    const path = join(folder, 'dump.safetensors');
    const a = tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    const written = await writeSafetensors(path, { a, 'b.c': tensor(Float32Array.of(-0.5), []) }, { node: 'sampler' });
    expect(written.ok).toBe(true);
    const file = await openSafetensors(path);
    if (!file.ok) throw new Error(file.problem.message);
    expect(file.value.metadata.get('node')).toBe('sampler');
    expect(await readTensor(file.value, 'a')).toEqual({ ok: true, value: a });
    expect(readSafetensorsFile(path).get('b.c')).toMatchObject({ dtype: 'F32', shape: [], data: Float32Array.of(-0.5) });
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect((await readFile(path)).readBigUInt64LE(0) % 8n).toBe(0n);
  });

  it('says which folder is missing', async () => {
    const written = await writeSafetensors(join(folder, 'no', 'such.safetensors'), {});
    expect(!written.ok && written.problem).toMatchObject({
      code: 'file.writeFailed',
      message: expect.stringMatching(/no\/such\.safetensors/),
    });
  });
});

describe('hashFile', () => {
  it('is the SHA-256 of the content', async () => {
    const path = await place('abc', 'abc');
    expect(await hashFile(path)).toEqual({ ok: true, value: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' });
    expect(await hashFile(join(folder, 'absent'))).toMatchObject({ ok: false, problem: { code: 'file.missing' } });
  });
});
