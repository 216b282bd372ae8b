import type { LoraNetwork } from './lora-module.ts';

/** What one tensor of a LoRA file is for. */
export interface LoraKey {
  readonly network: LoraNetwork;
  /** The layer's name with underscores for dots: `down_blocks_0_attentions_0_proj_in`, or as original checkpoints call it. */
  readonly layer: string;
  /** The same with dots, as PEFT's settings speak of it; kohya's names have none. */
  readonly path: string;
  readonly part: LoraPart;
}

/** The tensors that a layer's change may consist of. */
export type LoraPart =
  | 'down'
  | 'up'
  | 'mid'
  | 'alpha'
  | 'dora_scale'
  | 'lora_magnitude_vector'
  | `hada_${'w1_a' | 'w1_b' | 'w2_a' | 'w2_b' | 't1' | 't2'}`
  | `lokr_${'w1' | 'w1_a' | 'w1_b' | 'w2' | 'w2_a' | 'w2_b' | 't2'}`;

/** Ends of names: kohya's, PEFT's, diffusers' before PEFT and LyCORIS's. */
const ENDINGS: readonly (readonly [RegExp, (match: RegExpExecArray) => LoraPart])[] = [
  [/\.lora_(up|down|mid)\.weight$/, ([, part]) => part as LoraPart], // the pattern lists them
  [/\.lora_([AB])(\.default)?(\.weight)?$/, ([, part]) => (part === 'A' ? 'down' : 'up')],
  [/(?:\.|_)lora\.(up|down)\.weight$/, ([, part]) => part as LoraPart], // as above
  [/\.lora_linear_layer\.(up|down)\.weight$/, ([, part]) => part as LoraPart], // as above
  [/\.(hada_w[12]_[ab]|hada_t[12]|lokr_w[12](?:_[ab])?|lokr_t2)$/, ([, part]) => part as LoraPart], // as above
  [/\.alpha$/, () => 'alpha'],
  [/\.dora_scale$/, () => 'dora_scale'],
  [/\.lora_magnitude_vector(\.default)?(\.weight)?$/, () => 'lora_magnitude_vector'],
];

/** Beginnings of names; what has none and begins like a U-Net's block is the U-Net's. The longer ones first. */
const BEGINNINGS: readonly (readonly [string, LoraNetwork])[] = [
  ['base_model.model.', 'unet'],
  ['diffusion_model.', 'unet'],
  ['lora_unet_', 'unet'],
  ['lycoris_', 'unet'],
  ['unet.', 'unet'],
  ['lora_te1_', 'text1'],
  ['lora_te2_', 'text2'],
  ['lora_te_', 'text1'],
  // As ComfyUI extracts them; SD 2 has clip_h alone.
  ['text_encoders.clip_l.transformer.', 'text1'],
  ['text_encoders.clip_h.transformer.', 'text1'],
  ['text_encoders.clip_g.transformer.', 'text2'],
  ['text_encoder_2.', 'text2'],
  ['text_encoder.', 'text1'],
];

const UNET_BLOCK = /^(down_blocks|mid_block|up_blocks)\./;

/** Says what a tensor is for; undefined for a name that no LoRA of Stable Diffusion has. */
export function parseLoraKey(key: string): LoraKey | undefined {
  for (const [pattern, tell] of ENDINGS) {
    const match = pattern.exec(key);
    if (match === null) continue;
    const name = key.slice(0, match.index);
    const found = BEGINNINGS.find(([beginning]) => name.startsWith(beginning));
    if (found === undefined && !UNET_BLOCK.test(name)) return undefined;
    const [beginning, network] = found ?? ['', 'unet'];
    const path = layerPath(name.slice(beginning.length));
    return { network, layer: path.replaceAll('.', '_').replace(/^text_model_/, ''), path, part: tell(match) };
  }
  return undefined;
}

/**
 * Diffusers' first LoRAs are attention processors, `attn1.processor.to_q_lora`, and in text encoders `self_attn.to_q_lora`; transformers
 * 4 puts `text_model` before everything.
 */
function layerPath(name: string): string {
  return name
    .replace(/\.processor\.to_(q|k|v|out)$/, '.to_$1')
    .replace(/self_attn\.to_out$/, 'self_attn.out_proj')
    .replace(/self_attn\.to_([qkv])$/, 'self_attn.$1_proj')
    .replace(/(attn\d)\.to_out$/, '$1.to_out.0');
}
