import { ldmUnetKeys, type UnetKeys } from '../checkpoint/ldm-unet-keys.ts';

/** Where a ControlNet lies in an original file: under its own name, or by itself. */
export const LDM_CONTROLNET_PREFIXES = ['control_model.', ''] as const;

/** Names the tensors of a ControlNet in the original layout (lllyasviel/ControlNet, cldm.py) as diffusers does. */
export function ldmControlNetKeys(keys: Iterable<string>, prefix: (typeof LDM_CONTROLNET_PREFIXES)[number]): UnetKeys {
  return ldmUnetKeys(keys, prefix, (own) => ({
    ...namePictureModules(own),
    ...Object.fromEntries(indicesOf(own, 'zero_convs.').map((index) => [`zero_convs.${index}.0.`, `controlnet_down_blocks.${index}.`])),
    'middle_block_out.0.': 'controlnet_mid_block.',
  }));
}

/** The original numbers convolutions and activations through: every second module is a convolution, the first and the last by name. */
function namePictureModules(own: readonly string[]): Record<string, string> {
  const indices = indicesOf(own, 'input_hint_block.');
  return Object.fromEntries(
    indices.map((index, at) => {
      const name = at === 0 ? 'conv_in' : at === indices.length - 1 ? 'conv_out' : `blocks.${at - 1}`;
      return [`input_hint_block.${index}.`, `controlnet_cond_embedding.${name}.`];
    }),
  );
}

/** The numbers that follow a prefix, each once, rising. */
function indicesOf(names: readonly string[], prefix: string): number[] {
  const found = new Set<number>();
  for (const name of names) {
    if (name.startsWith(prefix)) found.add(Number.parseInt(name.slice(prefix.length), 10));
  }
  return [...found].filter(Number.isInteger).sort((a, b) => a - b);
}
