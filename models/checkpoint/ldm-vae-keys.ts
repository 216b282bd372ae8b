import type { KeyTarget } from './tensor-map.ts';

/** Where original checkpoints keep their autoencoder; some programs write the second. */
export const LDM_VAE_PREFIXES = ['first_stage_model.', 'vae.'] as const;

/** What is of an autoencoder in a file with nothing around it; training leaves its own counts beside that. */
const OWN = /^(?:encoder|decoder|quant_conv|post_quant_conv)\./;

const ATTENTION: Readonly<Record<string, string>> = { norm: 'group_norm', q: 'to_q', k: 'to_k', v: 'to_v', proj_out: 'to_out.0' };

/** Names of an autoencoder as diffusers has them, and what had no place. */
export interface VaeKeys {
  readonly names: ReadonlyMap<string, KeyTarget>;
  readonly unmapped: readonly string[];
}

/**
 * Names the tensors of an autoencoder in the original layout (CompVis/latent-diffusion, ldm/modules/diffusionmodules/model.py) as
 * diffusers does. The original counts the decoder's levels from the picture's side, diffusers from the latent's. Attention stays as
 * it is stored, 1×1 convolutions. What training left behind (`loss.`) is passed over.
 */
export function ldmVaeKeys(keys: Iterable<string>, prefix: string): VaeKeys {
  const own = [...keys].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  const levels = 1 + Math.max(-1, ...own.map((name) => Number(/^decoder\.up\.(\d+)\./.exec(name)?.[1] ?? -1)));
  const names = new Map<string, KeyTarget>();
  const unmapped: string[] = [];
  for (const name of own) {
    if (name.startsWith('loss.') || name.startsWith('model_ema.') || (prefix === '' && !OWN.test(name))) continue;
    const renamed = rename(name, levels);
    if (renamed === undefined) unmapped.push(prefix + name);
    else names.set(renamed, { key: prefix + name });
  }
  return { names, unmapped };
}

function rename(name: string, levels: number): string | undefined {
  if (/^(quant_conv|post_quant_conv|(en|de)coder\.conv_(in|out))\.(weight|bias)$/.test(name)) return name;
  const [, side, rest] = /^(encoder|decoder)\.(.+)$/.exec(name) ?? [];
  if (side === undefined || rest === undefined) return undefined;

  const norm = /^norm_out\.(weight|bias)$/.exec(rest);
  if (norm) return `${side}.conv_norm_out.${norm[1]}`;

  const attention = /^mid\.attn_1\.(norm|q|k|v|proj_out)\.(weight|bias)$/.exec(rest);
  if (attention) return `${side}.mid_block.attentions.0.${ATTENTION[attention[1] ?? '']}.${attention[2]}`;

  const middle = /^mid\.block_([12])\.(.+)$/.exec(rest);
  if (middle) return `${side}.mid_block.resnets.${Number(middle[1]) - 1}.${shortcut(middle[2] ?? '')}`;

  const block = /^(down|up)\.(\d+)\.(block\.\d+|downsample|upsample)\.(.+)$/.exec(rest);
  if (!block) return undefined;
  const [, direction, number, module = '', inner = ''] = block;
  const level = direction === 'down' ? Number(number) : levels - 1 - Number(number);
  const place = `${side}.${direction}_blocks.${level}`;
  if (module.startsWith('block.')) return `${place}.resnets.${module.slice('block.'.length)}.${shortcut(inner)}`;
  return `${place}.${module}rs.0.${inner}`;
}

function shortcut(inner: string): string {
  return inner.replace(/^nin_shortcut\./, 'conv_shortcut.');
}
