import type { KeyTarget } from './tensor-map.ts';

const PLAIN: Readonly<Record<string, string>> = {
  positional_embedding: 'text_model.embeddings.position_embedding.weight',
  'token_embedding.weight': 'text_model.embeddings.token_embedding.weight',
  'ln_final.weight': 'text_model.final_layer_norm.weight',
  'ln_final.bias': 'text_model.final_layer_norm.bias',
  'text_projection.weight': 'text_projection.weight',
};

const LAYER: Readonly<Record<string, string>> = {
  ln_1: 'layer_norm1',
  ln_2: 'layer_norm2',
  'mlp.c_fc': 'mlp.fc1',
  'mlp.c_proj': 'mlp.fc2',
  'attn.out_proj': 'self_attn.out_proj',
};

/**
 * Names the tensors of an OpenCLIP text encoder (mlfoundations/open_clip, transformer.py) as transformers does. Query, key and value
 * lie in one tensor there and become its thirds; `text_projection` is stored transposed.
 */
export function openClipKeys(keys: Iterable<string>, prefix: string): ReadonlyMap<string, KeyTarget> {
  const names = new Map<string, KeyTarget>();
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    const plain = PLAIN[name];
    if (plain !== undefined) {
      names.set(plain, { key });
      continue;
    }
    if (name === 'text_projection') {
      names.set('text_projection.weight', { key, transposed: true });
      continue;
    }
    const [, layer, module = '', kind] = /^transformer\.resblocks\.(\d+)\.(.+?)[._](weight|bias)$/.exec(name) ?? [];
    if (layer === undefined) continue;
    const place = `text_model.encoder.layers.${layer}`;
    if (module === 'attn.in_proj') {
      for (const [index, part] of ['q_proj', 'k_proj', 'v_proj'].entries()) {
        names.set(`${place}.self_attn.${part}.${kind}`, { key, piece: { index, of: 3 } });
      }
      continue;
    }
    const renamed = LAYER[module];
    if (renamed !== undefined) names.set(`${place}.${renamed}.${kind}`, { key });
  }
  return names;
}

/** Names the tensors of a text encoder that a checkpoint keeps under transformers' own names behind a prefix. */
export function prefixedClipKeys(keys: Iterable<string>, prefix: string): ReadonlyMap<string, KeyTarget> {
  const names = new Map<string, KeyTarget>();
  for (const key of keys) {
    if (key.startsWith(prefix) && !key.endsWith('.position_ids')) names.set(key.slice(prefix.length), { key });
  }
  return names;
}
