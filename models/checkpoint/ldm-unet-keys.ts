import type { KeyTarget } from './tensor-map.ts';

/** Where original checkpoints keep their U-Net. */
export const LDM_UNET_PREFIX = 'model.diffusion_model.';

/** Modules outside the blocks: original name to diffusers' name. `label_emb` is the size conditioning of SDXL. */
const PLAIN: Readonly<Record<string, string>> = {
  'input_blocks.0.0.': 'conv_in.',
  'time_embed.0.': 'time_embedding.linear_1.',
  'time_embed.2.': 'time_embedding.linear_2.',
  'label_emb.0.0.': 'add_embedding.linear_1.',
  'label_emb.0.2.': 'add_embedding.linear_2.',
  'out.0.': 'conv_norm_out.',
  'out.2.': 'conv_out.',
  'middle_block.1.': 'mid_block.attentions.0.',
};

/** Inside a residual block. */
const RESNET: Readonly<Record<string, string>> = {
  'in_layers.0.': 'norm1.',
  'in_layers.2.': 'conv1.',
  'emb_layers.1.': 'time_emb_proj.',
  'out_layers.0.': 'norm2.',
  'out_layers.3.': 'conv2.',
  'skip_connection.': 'conv_shortcut.',
};

/** Names of a U-Net as diffusers has them, and what had no place. */
export interface UnetKeys {
  readonly names: ReadonlyMap<string, KeyTarget>;
  readonly unmapped: readonly string[];
}

/**
 * Names the tensors of a U-Net in the original layout (CompVis/stable-diffusion, openaimodel.py) as diffusers does. The original
 * numbers its blocks through: a block that ends in a downsampler or upsampler ends a level, whatever the number of layers. `more`
 * names modules that only some networks have (ControlNets).
 */
export function ldmUnetKeys(
  keys: Iterable<string>,
  prefix = LDM_UNET_PREFIX,
  more: (own: readonly string[]) => Readonly<Record<string, string>> = () => ({}),
): UnetKeys {
  const own = [...keys].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  const prefixes = { ...PLAIN, ...more(own), ...blockPrefixes(new Set(own)) };
  const names = new Map<string, KeyTarget>();
  const unmapped: string[] = [];
  for (const name of own) {
    const renamed = rename(name, prefixes);
    if (renamed === undefined) unmapped.push(prefix + name);
    else names.set(renamed, { key: prefix + name });
  }
  return { names, unmapped };
}

/** Walks the numbered blocks and gives each of their modules its diffusers name. */
function blockPrefixes(names: ReadonlySet<string>): Record<string, string> {
  const prefixes: Record<string, string> = { 'middle_block.0.': 'mid_block.resnets.0.', 'middle_block.2.': 'mid_block.resnets.1.' };
  let level = 0;
  let layer = 0;
  for (let block = 1; hasModule(names, `input_blocks.${block}.`); block++) {
    const original = `input_blocks.${block}`;
    if (names.has(`${original}.0.op.weight`)) {
      prefixes[`${original}.0.op.`] = `down_blocks.${level}.downsamplers.0.conv.`;
      level++;
      layer = 0;
      continue;
    }
    prefixes[`${original}.0.`] = `down_blocks.${level}.resnets.${layer}.`;
    prefixes[`${original}.1.`] = `down_blocks.${level}.attentions.${layer}.`;
    layer++;
  }
  level = 0;
  layer = 0;
  for (let block = 0; hasModule(names, `output_blocks.${block}.`); block++) {
    const original = `output_blocks.${block}`;
    prefixes[`${original}.0.`] = `up_blocks.${level}.resnets.${layer}.`;
    const upsampler = [1, 2].find((index) => names.has(`${original}.${index}.conv.weight`));
    if (upsampler !== 1) prefixes[`${original}.1.`] = `up_blocks.${level}.attentions.${layer}.`;
    layer++;
    if (upsampler !== undefined) {
      prefixes[`${original}.${upsampler}.conv.`] = `up_blocks.${level}.upsamplers.0.conv.`;
      level++;
      layer = 0;
    }
  }
  return prefixes;
}

/** Replaces the module's part of a name, and inside residual blocks the rest too; undefined where the name has no place. */
function rename(name: string, prefixes: Readonly<Record<string, string>>): string | undefined {
  // Modules are two to four parts long, and a longer one (an upsampler) may lie inside a shorter one.
  const parts = name.split('.');
  for (let length = Math.min(4, parts.length - 1); length >= 2; length--) {
    const original = `${parts.slice(0, length).join('.')}.`;
    const renamed = prefixes[original];
    if (renamed === undefined) continue;
    const rest = name.slice(original.length);
    if (!renamed.includes('.resnets.')) return renamed + rest;
    const inner = Object.entries(RESNET).find(([from]) => rest.startsWith(from));
    return inner === undefined ? undefined : renamed + inner[1] + rest.slice(inner[0].length);
  }
  return undefined;
}

function hasModule(names: ReadonlySet<string>, prefix: string): boolean {
  for (const name of names) if (name.startsWith(prefix)) return true;
  return false;
}
