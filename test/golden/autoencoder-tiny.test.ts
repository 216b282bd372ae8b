import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildAutoencoderTinyDecoder, buildAutoencoderTinyEncoder } from '../../models/architectures/autoencoder-tiny.ts';
import { parseAutoencoderTinyConfig } from '../../models/architectures/autoencoder-tiny-config.ts';
import type { WeightSource } from '../../models/weights.ts';
import { float32Of, readJsonLines, readSafetensorsFile } from '../fixtures-reader.ts';
import { unwrap } from '../unwrap.ts';
import { differenceOf, runGraph, weightsOf } from './run-graph.ts';

const folder = fileURLToPath(new URL('./autoencoder-tiny/', import.meta.url));
const cases = readJsonLines<{ id: string; config: Readonly<Record<string, unknown>> }>(`${folder}cases.jsonl`);

describe('AutoencoderTiny of every configuration', () => {
  it.each(cases)('$id gives what diffusers gives', async ({ id, config }) => {
    const path = `${folder}${id}.safetensors`;
    const recorded = readSafetensorsFile(path);
    const read = (name: string) => ({ data: float32Of(recorded, name), shape: recorded.get(name)?.shape ?? [] });
    const all = await weightsOf(path);
    const weights: WeightSource = { get: (name) => all.get(`weights/${name}`), names: () => [] };
    const parsed = unwrap(parseAutoencoderTinyConfig(config));
    for (const [input, output, build] of [
      ['sample', 'latents', buildAutoencoderTinyEncoder],
      ['latent_sample', 'sample', buildAutoencoderTinyDecoder],
    ] as const) {
      const given = read(`in/${input}`);
      const [, , height = 0, width = 0] = given.shape;
      for (const mode of ['streaming', 'resident'] as const) {
        const graph = unwrap(build(parsed, weights, { height, width }, { device: 'cpu' }));
        const got = await runGraph(graph, { [input]: given }, mode);
        expect(graph.outputs[0]?.shape?.slice(1)).toEqual(read(`out/${output}`).shape.slice(1));
        expect(differenceOf(got[output], read(`out/${output}`).data), `${output} ${mode}`).toBeLessThanOrEqual(1e-4);
      }
    }
  });

  it('refuses configs that contradict themselves', () => {
    for (const [config, key] of [
      [{ encoder_block_out_channels: [64, 32, 64, 64] }, 'encoder_block_out_channels'],
      [{ decoder_block_out_channels: [64] }, 'decoder_block_out_channels'],
      [{ encoder_block_out_channels: [8], num_encoder_blocks: [1] }, 'num_decoder_blocks'],
      [{ upsample_fn: 'bilinear' }, 'upsample_fn'],
      [{ act_fn: 'tanh' }, 'act_fn'],
    ] as const) {
      expect(parseAutoencoderTinyConfig(config)).toMatchObject({ problem: { code: 'model.config', path: key } });
    }
  });
});
