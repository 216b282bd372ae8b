import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../nodes/problem.ts';
import { fixturesRoot } from '../../test/fixtures-reader.ts';
import { parseAutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { parseBertConfig } from './bert.ts';
import { parseClipTextConfig } from './clip-text-config.ts';
import { buildUnet2dCondition } from './unet-2d-condition.ts';
import { parseUnet2dConditionConfig } from './unet-2d-condition-config.ts';

type Refusal = readonly [config: unknown, key: string, sentence: RegExp];

function itRefuses(parse: (json: unknown) => Result<unknown>, refusals: readonly Refusal[]): void {
  it.each(refusals.map(([config, key, sentence]) => ({ config: JSON.stringify(config), value: config, key, sentence })))(
    'refuses $config',
    ({ value, key, sentence }) => {
      const parsed = parse(value);
      expect(parsed).toMatchObject({ ok: false, problem: { code: 'model.config', path: key } });
      if (!parsed.ok) expect(parsed.problem.message).toMatch(sentence);
    },
  );
}

describe("a U-Net's config", () => {
  it('has the defaults of diffusers', () => {
    const parsed = parseUnet2dConditionConfig({});
    expect(parsed).toMatchObject({ ok: true, value: { inChannels: 4, timeWidth: 1280, textWidth: 1280, groups: 32, convInKernel: 3 } });
    if (!parsed.ok) return;
    expect(parsed.value.down.map(({ channels, layers, attentions, heads }) => [channels, layers, attentions, heads])).toEqual([
      [320, 2, [1, 1], 8],
      [640, 2, [1, 1], 8],
      [1280, 2, [1, 1], 8],
      [1280, 2, undefined, 8],
    ]);
    expect(parsed.value.up.map(({ channels, layers, attentions }) => [channels, layers, attentions])).toEqual([
      [1280, 3, undefined],
      [1280, 3, [1, 1, 1]],
      [640, 3, [1, 1, 1]],
      [320, 3, [1, 1, 1]],
    ]);
    expect(parsed.value.mid).toMatchObject({ channels: 1280, attentions: [1] });
  });

  const two = {
    block_out_channels: [8, 16],
    down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  };
  itRefuses(parseUnet2dConditionConfig, [
    [null, '', /config of the U-Net is null/],
    [[], '', /config of the U-Net is \[\]/],
    [
      { down_block_types: ['DownBlock2D', 'AttnDownBlock2D'] },
      'down_block_types.1',
      /is "AttnDownBlock2D"; supported: "CrossAttnDownBlock2D", "DownBlock2D"/,
    ],
    [{ up_block_types: ['SimpleCrossAttnUpBlock2D'] }, 'up_block_types.0', /is "SimpleCrossAttnUpBlock2D"; supported: /],
    [{ mid_block_type: 'UNetMidBlock2DSimpleCrossAttn' }, 'mid_block_type', /supported: "UNetMidBlock2DCrossAttn", "UNetMidBlock2D", null/],
    [{ act_fn: 'tanh' }, 'act_fn', /is "tanh"; supported: "silu"/],
    [{ norm_eps: -1e-5 }, 'norm_eps', /expected number to be >=0/],
    [{ norm_eps: 1e300 }, 'norm_eps', /expected number to be <=1/],
    [{ mid_block_scale_factor: 0 }, 'mid_block_scale_factor', /is 0; a number other than 0 is wanted/],
    [{ freq_shift: 160 }, 'freq_shift', /cannot be half of the first level's 320 channels/],
    [{ act_fn: 'quick_gelu' }, 'act_fn', /is "quick_gelu"; supported/],
    [{ time_embedding_type: 'fourier' }, 'time_embedding_type', /supported: "positional"/],
    [{ addition_embed_type: 'image' }, 'addition_embed_type', /is "image"; supported: "text", "text_time", null/],
    [{ encoder_hid_dim_type: 'image_proj' }, 'encoder_hid_dim_type', /supported: "text_proj", null/],
    [{ encoder_hid_dim_type: 'text_proj' }, 'encoder_hid_dim', /"text_proj" and no "encoder_hid_dim"/],
    [{ class_embed_type: 'projection' }, 'projection_class_embeddings_input_dim', /and no "projection_class_embeddings_input_dim"/],
    [{ addition_embed_type: 'text_time' }, 'projection_class_embeddings_input_dim', /and no "projection_class/],
    [{ addition_embed_type: 'text_time', projection_class_embeddings_input_dim: 8 }, 'addition_time_embed_dim', /and no "addition_time/],
    [{ addition_embed_type: 'text', addition_embed_type_num_heads: 7 }, 'addition_embed_type_num_heads', /divide the text's width of 1280/],
    [{ dual_cross_attention: true }, 'dual_cross_attention', /is true; supported: false/],
    [{ class_embeddings_concat: true }, 'class_embeddings_concat', /supported: false/],
    [{ attention_type: 'gated' }, 'attention_type', /supported: "default"/],
    [{ num_attention_heads: 8 }, 'num_attention_heads', /is 8; supported: null/],
    [{ in_channels: 0 }, 'in_channels', /is 0; expected number to be >=1/],
    [{ in_channels: 4.5 }, 'in_channels', /is 4\.5; expected int/],
    [{ in_channels: '4' }, 'in_channels', /is "4"; expected number/],
    [{ in_channels: Number.NaN }, 'in_channels', /expected number/],
    [{ conv_in_kernel: 4 }, 'conv_in_kernel', /is 4; supported: 1, 3, 5, 7/],
    [{ block_out_channels: [] }, 'block_out_channels', /is \[\]; expected array to have >=1/],
    [{ block_out_channels: new Array(13).fill(8) }, 'block_out_channels', /expected array to have <=12/],
    [{ layers_per_block: 1e9 }, 'layers_per_block', /is 1000000000; /],
    [{ transformer_layers_per_block: 201 }, 'transformer_layers_per_block', /is 201; /],
    [{ layers_per_block: [2, 2] }, 'layers_per_block', /is \[2,2\]; one entry is wanted for each of the 4 entries of "block_out_channels"/],
    [{ ...two, up_block_types: ['UpBlock2D'] }, 'up_block_types', /one entry is wanted for each of the 2/],
    [{ ...two, attention_head_dim: 9 }, 'attention_head_dim', /number of heads and cannot exceed 8 channels/],
    [{ ...two, attention_head_dim: [8, 17] }, 'attention_head_dim', /cannot exceed 16 channels/],
    [
      {
        ...two,
        transformer_layers_per_block: [
          [1, 1],
          [1, 1],
        ],
      },
      'transformer_layers_per_block',
      /is \[1,1\]; one entry is wanted for each of 3 layers/,
    ],
    [
      { transformer_layers_per_block: 200, layers_per_block: 200 },
      'transformer_layers_per_block',
      /is 200; it makes 240800 transformer layers/,
    ],
    [{ ...two, cross_attention_dim: [8, 4] }, 'cross_attention_dim', /is \[8,4\]; all blocks attend to the same text/],
  ]);

  it('is refused where its numbers contradict each other only while building', () => {
    const parsed = parseUnet2dConditionConfig({ ...two, norm_num_groups: 3 });
    if (!parsed.ok) throw new Error(parsed.problem.message);
    const none = { get: () => undefined, names: () => [] };
    expect(buildUnet2dCondition(parsed.value, none, { height: 8, width: 8 }, { device: 'cpu' })).toMatchObject({
      ok: false,
      problem: { code: 'model.config', message: expect.stringContaining('"norm_num_groups": 3 does not divide') },
    });
  });

  it('of the greatest depth there may be is refused for its weights within seconds', () => {
    const blocks = {
      down_block_types: new Array(12).fill('CrossAttnDownBlock2D'),
      up_block_types: new Array(12).fill('CrossAttnUpBlock2D'),
    };
    const parsed = parseUnet2dConditionConfig({
      ...blocks,
      block_out_channels: new Array(12).fill(32),
      layers_per_block: 200,
      transformer_layers_per_block: 0,
      attention_head_dim: 1,
    });
    if (!parsed.ok) throw new Error(parsed.problem.message);
    const none = { get: () => undefined, names: () => [] };
    const built = buildUnet2dCondition(parsed.value, none, { height: 8, width: 8 }, { device: 'cpu' });
    expect(built).toMatchObject({ ok: false, problem: { code: 'model.missingTensor' } });
  });
});

describe("an autoencoder's config", () => {
  it('has the defaults of diffusers', () => {
    expect(parseAutoencoderKlConfig({})).toMatchObject({
      ok: true,
      value: { blockChannels: [64], scalingFactor: 0.18215, shiftFactor: 0, factor: 1 },
    });
  });

  itRefuses(parseAutoencoderKlConfig, [
    ['x', '', /config of the autoencoder is "x"/],
    [{ down_block_types: ['AttnDownEncoderBlock2D'] }, 'down_block_types.0', /supported: "DownEncoderBlock2D"/],
    [{ block_out_channels: [8, 8] }, 'down_block_types', /one entry is wanted for each of the 2/],
    [{ scaling_factor: 0 }, 'scaling_factor', /is 0; /],
    [{ scaling_factor: null }, 'scaling_factor', /is null; /],
    [{ latents_mean: [1, 2, 3] }, 'latents_mean', /is \[1,2,3\]; one number is wanted for each of 4 latent channels/],
    [{ layers_per_block: 0 }, 'layers_per_block', /is 0; /],
    [{ use_quant_conv: 'yes' }, 'use_quant_conv', /is "yes"; expected boolean/],
  ]);
});

describe("a CLIP text encoder's config", () => {
  it('has the defaults of transformers, and takes the text part of a whole CLIP', () => {
    const defaults = { vocabulary: 49408, width: 512, layers: 12, heads: 8, tokens: 77, projectionWidth: 512, endToken: 49407 };
    expect(parseClipTextConfig({})).toMatchObject({ ok: true, value: defaults });
    expect(parseClipTextConfig({ model_type: 'clip', text_config: { hidden_size: 64 } })).toMatchObject({ ok: true, value: { width: 64 } });
    expect(parseClipTextConfig({ eos_token_id: 2 })).toMatchObject({ ok: true, value: { endToken: undefined } });
  });

  itRefuses(parseClipTextConfig, [
    [7, '', /config of the CLIP text encoder is 7/],
    [{ model_type: 't5' }, 'model_type', /is "t5"; supported: "clip_text_model", "clip"/],
    [{ hidden_act: 'tanh' }, 'hidden_act', /is "tanh"; supported: /],
    [{ hidden_size: 10, num_attention_heads: 3 }, 'num_attention_heads', /is 3; it has to divide "hidden_size": 10/],
    [{ max_position_embeddings: 1e6 }, 'max_position_embeddings', /is 1000000; expected number to be <=2048/],
    [{ num_hidden_layers: 1e6 }, 'num_hidden_layers', /is 1000000; /],
    [{ eos_token_id: -1 }, 'eos_token_id', /is -1; /],
  ]);
});

describe("a BERT encoder's config", () => {
  it('has the defaults of transformers', () => {
    expect(parseBertConfig({})).toMatchObject({ ok: true, value: { vocabulary: 30522, width: 768, layers: 12, epsilon: 1e-12 } });
  });

  itRefuses(parseBertConfig, [
    [{ model_type: 'roberta' }, 'model_type', /is "roberta"; supported: "bert"/],
    [{ position_embedding_type: 'relative_key' }, 'position_embedding_type', /supported: "absolute"/],
    [{ is_decoder: true }, 'is_decoder', /supported: false/],
    [{ hidden_size: 10 }, 'num_attention_heads', /has to divide "hidden_size": 10/],
  ]);
});

describe('configs as libraries write them', () => {
  const parsers: Readonly<Record<string, (json: unknown) => Result<unknown>>> = {
    unet: parseUnet2dConditionConfig,
    vae: parseAutoencoderKlConfig,
    text_encoder: parseClipTextConfig,
    text_encoder_2: parseClipTextConfig,
  };
  const pipelines = join(fixturesRoot(), 'pipelines');
  const written = readdirSync(pipelines).flatMap((pipeline) =>
    readdirSync(join(pipelines, pipeline))
      .filter((part) => part in parsers && readdirSync(join(pipelines, pipeline, part)).includes('config.json'))
      .map((part) => ({ pipeline, part })),
  );

  it.each(written)('are all understood: $pipeline/$part', ({ pipeline, part }) => {
    const json: unknown = JSON.parse(readFileSync(join(pipelines, pipeline, part, 'config.json'), 'utf8'));
    expect(parsers[part]?.(json)).toMatchObject({ ok: true });
  });
});
