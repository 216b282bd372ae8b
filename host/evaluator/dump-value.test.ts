import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AttentionValue } from '../../nodes/socket-values.ts';
import { tensor } from '../../nodes/tensor.ts';
import { readSafetensorsFile } from '../../test/fixtures-reader.ts';
import { unwrap } from '../../test/unwrap.ts';
import { findValueFault } from './check-value.ts';
import { dumpValue } from './dump-value.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-dump-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const attention: AttentionValue = {
  kind: 'attention',
  tokens: { ids: [0, 5, 1], used: 3, words: [{ text: 'fox', rows: [1] }] },
  steps: [0],
  isMean: true,
  layers: [
    { name: 'mid_block.attentions.0.transformer_blocks.0.attn2', maps: tensor(Float32Array.of(0.5, 0.25, 0.25), [1, 1, 3, 1, 1]) },
    { name: 'up_blocks.1.attentions.0.transformer_blocks.0.attn2', maps: tensor(new Float32Array(12).fill(1 / 3), [1, 1, 3, 2, 2]) },
  ],
};

it.each(['attention', 'any'] as const)('attention is written layer by layer, from a socket for %s', async (kind) => {
  const path = join(folder, `${kind}.safetensors`);
  unwrap(await dumpValue(path, 'attention', kind, attention));
  const found = readSafetensorsFile(path);
  expect([...found].map(([name, { shape }]) => [name, shape])).toEqual(attention.layers.map(({ name, maps }) => [name, maps.shape]));
  expect(found.get('mid_block.attentions.0.transformer_blocks.0.attn2')?.data).toEqual(Float32Array.of(0.5, 0.25, 0.25));
});

it('anything else is one tensor, named after its output', async () => {
  const path = join(folder, 'latent.safetensors');
  unwrap(await dumpValue(path, 'latent', 'latent', { kind: 'latent', samples: tensor(Float32Array.of(1, 2), [1, 2, 1, 1]) }));
  expect([...readSafetensorsFile(path).keys()]).toEqual(['latent']);
  expect(await dumpValue(path, 'text', 'text', 'fox')).toMatchObject({ ok: false, problem: { message: 'it is a text, not a tensor' } });
});

it('attention is checked like every value', () => {
  expect(findValueFault('attention', attention)).toBeUndefined();
  expect(findValueFault('attention', { ...attention, layers: [] })).toMatchObject({ kind: 'shape' });
  const [first] = attention.layers;
  const broken = { name: 'x', maps: tensor(Float32Array.of(Number.NaN), [1, 1, 1, 1, 1]) };
  expect(findValueFault('attention', { ...attention, layers: [first, broken] })).toMatchObject({ kind: 'notFinite' });
});
