import { z } from 'zod';
import { ok, type Result } from '../../nodes/problem.ts';
import { ACTIVATIONS } from './blocks/activation.ts';
import type { ClipLayerShape } from './blocks/clip-layer.ts';
import { depth, epsilon, oneOf, parseConfig, refuseConfig, size } from './parse-config.ts';

const WHAT = 'CLIP vision encoder';

/** The keys of transformers' CLIPVisionConfig, with its defaults. */
const schema = z.object({
  model_type: oneOf(['clip_vision_model', 'clip']).optional(),
  hidden_size: size.default(768),
  intermediate_size: size.default(3072),
  projection_dim: size.default(512),
  num_hidden_layers: depth.default(12),
  num_attention_heads: size.default(12),
  num_channels: oneOf([3]).default(3),
  image_size: z.int().min(1).max(4096).default(224),
  patch_size: z.int().min(1).max(1024).default(32),
  hidden_act: z.enum(ACTIVATIONS).default('quick_gelu'),
  layer_norm_eps: epsilon.default(1e-5),
});

/** A CLIP vision encoder's config, checked. */
export interface ClipVisionConfig extends ClipLayerShape {
  /** Width of `image_embeds`. */
  readonly projectionWidth: number;
  readonly layers: number;
  /** Side of the pictures it looks at. */
  readonly sizePx: number;
  /** Side of the squares that pictures are cut into. */
  readonly patchPx: number;
  /** One for each square, and one for the whole picture before them. */
  readonly tokens: number;
}

/** Reads a CLIPVisionModel's config.json; of a whole CLIP model's, the part about pictures. */
export function parseClipVisionConfig(json: unknown): Result<ClipVisionConfig> {
  const vision = typeof json === 'object' && json !== null && 'vision_config' in json ? json.vision_config : json;
  const parsed = parseConfig(schema, vision, WHAT);
  if (!parsed.ok) return parsed;
  const raw = parsed.value;
  if (raw.hidden_size % raw.num_attention_heads !== 0) {
    return refuseConfig(WHAT, 'num_attention_heads', raw.num_attention_heads, `it has to divide "hidden_size": ${raw.hidden_size}`);
  }
  const patches = Math.floor(raw.image_size / raw.patch_size);
  if (patches < 1) return refuseConfig(WHAT, 'patch_size', raw.patch_size, `at most "image_size": ${raw.image_size} is wanted`);
  return ok({
    width: raw.hidden_size,
    innerWidth: raw.intermediate_size,
    projectionWidth: raw.projection_dim,
    layers: raw.num_hidden_layers,
    heads: raw.num_attention_heads,
    activation: raw.hidden_act,
    epsilon: raw.layer_norm_eps,
    sizePx: raw.image_size,
    patchPx: raw.patch_size,
    tokens: patches * patches + 1,
  });
}
