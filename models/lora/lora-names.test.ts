import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ldmUnetKeys } from '../checkpoint/ldm-unet-keys.ts';
import { ldmLayerNames } from './ldm-layer-names.ts';
import { parseLoraKey } from './parse-lora-key.ts';
import { readMetadataScales } from './read-metadata-scales.ts';
import { tellLoraFamilies } from './tell-lora-families.ts';

const ATTENTION = 'down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0';
const dotted = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1';

describe('names of a LoRA’s tensors', () => {
  it.each([
    [`lora_unet_${ATTENTION}.lora_down.weight`, 'unet', ATTENTION, 'down'],
    [`lora_unet_input_blocks_1_1_proj_in.lora_up.weight`, 'unet', 'input_blocks_1_1_proj_in', 'up'],
    [`lora_unet_conv_in.lora_mid.weight`, 'unet', 'conv_in', 'mid'],
    ['lora_te_text_model_encoder_layers_0_mlp_fc1.alpha', 'text1', 'encoder_layers_0_mlp_fc1', 'alpha'],
    ['lora_te1_text_model_encoder_layers_0_mlp_fc1.alpha', 'text1', 'encoder_layers_0_mlp_fc1', 'alpha'],
    ['lora_te2_text_model_encoder_layers_31_self_attn_q_proj.dora_scale', 'text2', 'encoder_layers_31_self_attn_q_proj', 'dora_scale'],
    [`unet.${dotted}.to_out.0.lora_A.weight`, 'unet', ATTENTION, 'down'],
    [`unet.${dotted}.to_out.0.lora_B.weight`, 'unet', ATTENTION, 'up'],
    [`base_model.model.${dotted}.to_out.0.lora_B.default.weight`, 'unet', ATTENTION, 'up'],
    [`unet.${dotted}.to_out.0.lora_magnitude_vector`, 'unet', ATTENTION, 'lora_magnitude_vector'],
    [`unet.${dotted}.to_out.0.lora.down.weight`, 'unet', ATTENTION, 'down'],
    [`unet.${dotted}.processor.to_out_lora.up.weight`, 'unet', ATTENTION, 'up'],
    [`${dotted}.processor.to_out_lora.up.weight`, 'unet', ATTENTION, 'up'],
    ['text_encoder.text_model.encoder.layers.3.self_attn.to_q_lora.down.weight', 'text1', 'encoder_layers_3_self_attn_q_proj', 'down'],
    ['text_encoder.text_model.encoder.layers.3.self_attn.to_out_lora.down.weight', 'text1', 'encoder_layers_3_self_attn_out_proj', 'down'],
    ['text_encoder_2.encoder.layers.3.mlp.fc2.lora_linear_layer.up.weight', 'text2', 'encoder_layers_3_mlp_fc2', 'up'],
    ['text_encoders.clip_l.transformer.text_model.encoder.layers.3.mlp.fc1.lora_up.weight', 'text1', 'encoder_layers_3_mlp_fc1', 'up'],
    ['text_encoders.clip_g.transformer.text_model.encoder.layers.3.mlp.fc1.alpha', 'text2', 'encoder_layers_3_mlp_fc1', 'alpha'],
    ['diffusion_model.input_blocks.1.1.proj_in.lora_A.weight', 'unet', 'input_blocks_1_1_proj_in', 'down'],
    ['lycoris_mid_block_resnets_0_conv1.hada_w1_a', 'unet', 'mid_block_resnets_0_conv1', 'hada_w1_a'],
    ['lora_unet_mid_block_resnets_0_conv1.lokr_w2_b', 'unet', 'mid_block_resnets_0_conv1', 'lokr_w2_b'],
    ['lora_unet_mid_block_resnets_0_conv1.lokr_t2', 'unet', 'mid_block_resnets_0_conv1', 'lokr_t2'],
  ])('%s', (key, network, layer, part) => {
    const found = parseLoraKey(key);
    expect(found).toMatchObject({ network, layer, part });
    expect(found?.path.replaceAll('.', '_').replace(/^text_model_/, '')).toBe(layer);
  });

  it.each(['transformer.blocks.0.attn.to_q.lora_A.weight', 'lora_unet_conv_in.diff', 'unet.conv_in.weight', 'alpha'])('none: %s', (key) => {
    expect(parseLoraKey(key)).toBeUndefined();
  });
});

describe('layers as original checkpoints call them', () => {
  const layouts = JSON.parse(
    gunzipSync(readFileSync(new URL('../checkpoint/testdata/ldm-layouts.json.gz', import.meta.url))).toString(),
  ) as Record<string, { tensors: Record<string, unknown> }>; // as test/golden/ldm_layouts.py writes them

  it.each(Object.keys(layouts))('every layer of %s has its name', (family) => {
    const { names, unmapped } = ldmUnetKeys(Object.keys(layouts[family]?.tensors ?? {}));
    expect(unmapped).toEqual([]);
    const layers = [...names].filter(([name]) => name.endsWith('.weight') && !/norm\d?\.weight$|conv_norm_out/.test(name));
    const found = ldmLayerNames(new Set(layers.map(([name]) => name.replace(/\.weight$/, ''))));
    for (const [name, { key }] of layers) {
      const original = key.replace('model.diffusion_model.', '').replace(/\.weight$/, '');
      expect(found.get(name.replace(/\.weight$/, '')), name).toBe(original);
    }
  });
});

describe('the family of a LoRA', () => {
  const source = (shape: number[]) => ({ path: '/x', dtype: 'F16', shape, byteOffset: 0, byteLength: 0 }) as const;
  const tell = (layers: Record<string, number>, metadata: Record<string, string> = {}, text2 = false) => {
    const module = (width: number) => ({ formula: { kind: 'lora', down: source([4, width]), up: source([8, 4]) }, scale: 1 }) as const;
    const unet = new Map(Object.entries(layers).map(([layer, width]) => [layer, module(width)]));
    const networks = { unet, text1: new Map(), text2: new Map(text2 ? [['encoder_layers_0_mlp_fc1', module(8)]] : []) };
    return tellLoraFamilies(networks, new Map(Object.entries(metadata))).families;
  };
  const cross = 'mid_block_attentions_0_transformer_blocks_0_attn2_to_k';

  it('is told by the width of the text it reads, whatever the trainer wrote', () => {
    expect(tell({ [cross]: 768 }, { ss_base_model_version: 'sdxl_base_v1-0' })).toEqual(['sd15']);
    expect(tell({ [cross]: 1024 })).toEqual(['sd2']);
    expect(tell({ [cross]: 2048 })).toEqual(['sdxl']);
    expect(tell({ [cross]: 1280 })).toEqual(['sdxl-refiner']);
  });

  it('is told by a second text encoder, by the trainer, by its layers', () => {
    expect(tell({}, {}, true)).toEqual(['sdxl']);
    expect(tell({ conv_in: 4 }, { ss_base_model_version: 'sd_v1' })).toEqual(['sd15']);
    expect(tell({ conv_in: 4 }, { 'modelspec.architecture': 'stable-diffusion-xl-v1-base/lora' })).toEqual(['sdxl']);
    expect(tell({ conv_in: 4 }, { ss_base_model_version: 'sd_v2_v' })).toEqual(['sd2']);
    expect(tell({ down_blocks_0_attentions_0_proj_in: 4 })).toEqual(['sd15', 'sd2']);
    expect(tell({ middle_block_1_transformer_blocks_7_attn1_to_k: 1280 })).toEqual(['sdxl', 'sdxl-refiner']);
    expect(tell({ conv_in: 4 })).toEqual([]);
  });
});

describe('alphas in a file’s metadata', () => {
  it('are those of the network, or of the layer where it has its own', () => {
    const { alphaOf: alphas, isRankStabilized } = readMetadataScales(
      JSON.stringify({
        'unet.lora_alpha': 8,
        'unet.alpha_pattern': { 'mid_block.attentions.0.proj_in': 2 },
        'text_encoder.r': 4,
        'text_encoder.use_rslora': true,
      }),
    );
    expect([isRankStabilized('unet'), isRankStabilized('text1')]).toEqual([false, true]);
    expect(alphas('unet', 'conv_in')).toBe(8);
    expect(alphas('unet', 'mid_block.attentions.0.proj_in')).toBe(2);
    expect(alphas('text1', 'text_model.encoder.layers.0.mlp.fc1')).toBeUndefined();
  });

  it.each([
    ['down_blocks.*attn1.to_q', 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q', true],
    ['down_blocks.*attn1.to_q', 'up_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q', false],
    ['to_(k|v)', 'mid_block.attentions.0.transformer_blocks.0.attn2.to_v', true],
    ['^mid_block.attentions.0.proj_in', 'mid_block.attentions.0.proj_in', true],
    ['proj', 'time_emb_proj', false],
    ['time_emb_proj', 'down_blocks.0.resnets.0.time_emb_proj', true],
    ['(to_q', 'mid_block.to_q', false],
    ['(.*.*)*x', `${'a.'.repeat(40)}y`, false],
  ])('are meant by regular expressions, as PEFT’s get_pattern_key has them: %s of %s is %s', (pattern, path, isMeant) => {
    const settings = JSON.stringify({ 'unet.lora_alpha': 8, 'unet.alpha_pattern': { [pattern]: 2 } });
    expect(readMetadataScales(settings).alphaOf('unet', path)).toBe(isMeant ? 2 : 8);
  });

  it('count as not there where they can not be read', () => {
    for (const text of [undefined, '', '{', '[]', '{"unet.lora_alpha": "8"}']) {
      expect(readMetadataScales(text).alphaOf('unet', 'conv_in')).toBeUndefined();
    }
  });
});
