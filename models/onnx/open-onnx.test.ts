import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unwrap } from '../../test/unwrap.ts';
import { encodeModel } from './encode-model.ts';
import { GraphBuilder } from './graph-builder.ts';
import { openOnnx } from './open-onnx.ts';

const exported = fileURLToPath(new URL('../../test/golden/onnx-folders/', import.meta.url));
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-onnx-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A model whose one weight lies elsewhere. */
async function writeModel(name: string, location: string, byteOffset = 0, byteLength = 8): Promise<string> {
  const graph = new GraphBuilder('outside');
  const x = graph.input('x', 'float32', ['rows', 2]);
  const weight = graph.external('weight', 'float32', [2], { kind: 'external', location, byteOffset, byteLength });
  graph.output(graph.node('Add', [x, weight], 'sum'), 'y', 'float32', ['rows', 2]);
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, encodeModel(graph.build()));
  return path;
}

describe('openOnnx', () => {
  it('reads inputs, outputs, constants and what lies beside', async () => {
    const unet = unwrap(await openOnnx(`${exported}sdxl-onnx/unet/model.onnx`));
    expect(unet.inputs.map(({ name, type, shape }) => [name, type, shape])).toEqual([
      ['sample', 'float32', ['batch_size', 4, 'height', 'width']],
      ['timestep', 'int64', []],
      ['encoder_hidden_states', 'float32', ['batch_size', 'sequence_length', 20]],
      ['text_embeds', 'float32', ['batch_size', 6]],
      ['time_ids', 'float32', ['batch_size', 6]],
    ]);
    expect(unet.outputs.map(({ name }) => name)).toEqual(['out_sample']);
    expect(unet.constants.find(({ name }) => name === 'conv_in.weight')?.shape).toEqual([4, 4, 3, 3]);
    expect(unet.totalBytes - unet.sizeBytes).toBe((await readFile(`${exported}sdxl-onnx/unet/model.onnx_data`)).length);
    expect(unwrap(await openOnnx(`${exported}sd-onnx/vae_encoder/model.onnx`)).draw).toBeDefined();
  });

  it('has another fingerprint when the file with its weights changes', async () => {
    const path = await writeModel('changes/model.onnx', 'weights.bin');
    await writeFile(join(folder, 'changes/weights.bin'), new Uint8Array(8));
    const before = unwrap(await openOnnx(path)).fingerprint;
    expect(unwrap(await openOnnx(path)).fingerprint).toBe(before);
    await writeFile(join(folder, 'changes/weights.bin'), new Uint8Array(16).fill(1));
    expect(unwrap(await openOnnx(path)).fingerprint).not.toBe(before);
  });

  it('never looks for weights outside of the folder', async () => {
    await writeFile(join(folder, 'secret.bin'), new Uint8Array(64));
    const escaping = ['../secret.bin', join(folder, 'secret.bin'), 'a/../../secret.bin', '..\\secret.bin', 'c:secret.bin', ''];
    for (const [index, location] of escaping.entries()) {
      const opened = await openOnnx(await writeModel(`inside/model${index}.onnx`, location));
      expect(opened, location).toMatchObject({
        problem: { code: 'model.unsafe', message: expect.stringContaining('outside of its own folder') },
      });
    }
    const linked = await writeModel('inside/linked.onnx', 'link.bin');
    await symlink(join(folder, 'secret.bin'), join(folder, 'inside/link.bin'));
    expect(await openOnnx(linked)).toMatchObject({
      problem: { code: 'model.unsafe', message: expect.stringContaining('leads out of the folder') },
    });
  });

  it('says which file with weights is missing or too short', async () => {
    const path = await writeModel('lost/model.onnx', 'weights.bin', 4, 8);
    expect(await openOnnx(path)).toMatchObject({ problem: { code: 'model.missing', message: expect.stringContaining('weights.bin') } });
    await writeFile(join(folder, 'lost/weights.bin'), new Uint8Array(11));
    expect(await openOnnx(path)).toMatchObject({
      problem: {
        code: 'model.damaged',
        message: expect.stringContaining('looks for weight at byte 4 of weights.bin, with 8 bytes, and that file has only 11'),
      },
    });
  });

  it('tells other files by their content', async () => {
    const files: readonly (readonly [string, Uint8Array, string])[] = [
      ['pickle.onnx', Uint8Array.of(0x80, 2, 0x7d), 'model.unsafe'],
      ['page.onnx', new TextEncoder().encode('<!doctype html><p>Sign in'), 'file.damaged'],
      ['empty.onnx', new Uint8Array(0), 'file.damaged'],
      ['zeros.onnx', new Uint8Array(100), 'file.damaged'],
      ['text.onnx', new TextEncoder().encode('hello'), 'file.damaged'],
    ];
    for (const [name, bytes, code] of files) {
      await writeFile(join(folder, name), bytes);
      expect(await openOnnx(join(folder, name)), name).toMatchObject({ problem: { code } });
    }
    expect(await openOnnx(join(folder, 'nowhere.onnx'))).toMatchObject({ problem: { code: 'file.missing' } });
    expect(await openOnnx(folder)).toMatchObject({ problem: { code: 'file.unsupported' } });
  });

  it('gives a sentence for files that are cut short or scribbled on', async () => {
    const whole = await readFile(`${exported}nets/upscale-x2.onnx`);
    const path = join(folder, 'scribbled.onnx');
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
        async (length, changes) => {
          const bytes = Uint8Array.from(whole.subarray(0, changes.length === 0 ? length : whole.length));
          for (const [at, value] of changes) bytes[at] = value;
          await writeFile(path, bytes);
          const opened = await openOnnx(path);
          expect(opened.ok || opened.problem.message.endsWith('.')).toBe(true);
        },
      ),
      { numRuns: 150, seed: 3 },
    );
  });
});
