import { z } from 'zod';
import { ok, type Result } from '../../nodes/problem.ts';
import { ACTIVATIONS, type Activation } from './blocks/activation.ts';
import { depth, epsilon, oneOf, parseConfig, refuseConfig, size } from './parse-config.ts';

const WHAT = 'CLIP text encoder';

/** The keys of transformers' CLIPTextConfig, with its defaults. */
const schema = z.object({
  model_type: oneOf(['clip_text_model', 'clip']).optional(),
  vocab_size: size.default(49408),
  hidden_size: size.default(512),
  intermediate_size: size.default(2048),
  projection_dim: size.nullish(),
  num_hidden_layers: depth.default(12),
  num_attention_heads: size.default(8),
  // The causal mask, stored in the graph, grows with its square.
  max_position_embeddings: z.int().min(1).max(2048).default(77),
  hidden_act: z.enum(ACTIVATIONS).default('quick_gelu'),
  layer_norm_eps: epsilon.default(1e-5),
  eos_token_id: z.int().min(0).default(49407),
});

/** A CLIP text encoder's config, checked. */
export interface ClipTextConfig {
  readonly vocabulary: number;
  readonly width: number;
  readonly innerWidth: number;
  /** Width of `text_embeds`. */
  readonly projectionWidth: number;
  readonly layers: number;
  readonly heads: number;
  /** The longest text, and how many tokens a prompt is padded to. */
  readonly tokens: number;
  readonly activation: Activation;
  readonly epsilon: number;
  /** The token whose state stands for the text; undefined: the largest id there is (configs written before July 2023 say 2). */
  readonly endToken: number | undefined;
}

/** Reads a CLIPTextModel's config.json; of a whole CLIP model's, the part about text. */
export function parseClipTextConfig(json: unknown): Result<ClipTextConfig> {
  const text = typeof json === 'object' && json !== null && 'text_config' in json ? json.text_config : json;
  const parsed = parseConfig(schema, text, WHAT);
  if (!parsed.ok) return parsed;
  const raw = parsed.value;
  if (raw.hidden_size % raw.num_attention_heads !== 0) {
    return refuseConfig(WHAT, 'num_attention_heads', raw.num_attention_heads, `it has to divide "hidden_size": ${raw.hidden_size}`);
  }
  return ok({
    vocabulary: raw.vocab_size,
    width: raw.hidden_size,
    innerWidth: raw.intermediate_size,
    projectionWidth: raw.projection_dim ?? 512,
    layers: raw.num_hidden_layers,
    heads: raw.num_attention_heads,
    tokens: raw.max_position_embeddings,
    activation: raw.hidden_act,
    epsilon: raw.layer_norm_eps,
    endToken: raw.eos_token_id === 2 ? undefined : raw.eos_token_id,
  });
}
