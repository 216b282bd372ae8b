import type { LoraModule } from './lora-module.ts';
import type { LoraNetworks } from './open-lora.ts';

/** The width of the text that each family's U-Net attends to. */
const FAMILY_BY_WIDTH: Readonly<Record<number, string>> = { 768: 'sd15', 1024: 'sd2', 2048: 'sdxl', 1280: 'sdxl-refiner' };

/** What trainers write: kohya's `ss_base_model_version` and Stability's `modelspec.architecture`. The more particular first. */
const WRITTEN: readonly (readonly [RegExp, string])[] = [
  [/xl.*refiner/, 'sdxl-refiner'],
  [/xl/, 'sdxl'],
  [/^(sd_v2|stable-diffusion-v2)/, 'sd2'],
  [/^(sd_v1|stable-diffusion-v1)/, 'sd15'],
];

/** Layers that only some families have: SDXL's first level has no attention, its second less than its third. */
const ATTENTION_AT_TOP = /^(down_blocks_0_attentions|up_blocks_3_attentions|input_blocks_[12]_1_)/;
const DEEP_ATTENTION = /^(mid_block_attentions_0|middle_block_1)_transformer_blocks_[1-9]/;

/** Tells from widths, layers and what the trainer wrote which families a LoRA may have been made for. */
export function tellLoraFamilies(
  networks: LoraNetworks,
  metadata: ReadonlyMap<string, string>,
): { readonly families: readonly string[]; readonly conditioningWidth: number | undefined } {
  const conditioningWidth = findConditioningWidth(networks.unet);
  return { families: tellFamilies(networks, metadata, conditioningWidth), conditioningWidth };
}

function tellFamilies(networks: LoraNetworks, metadata: ReadonlyMap<string, string>, width: number | undefined): readonly string[] {
  const byWidth = FAMILY_BY_WIDTH[width ?? 0];
  if (byWidth !== undefined) return [byWidth];
  if (networks.text2.size > 0) return ['sdxl'];
  const written = metadata.get('ss_base_model_version') ?? metadata.get('modelspec.architecture') ?? '';
  const said = WRITTEN.find(([sign]) => sign.test(written.toLowerCase()))?.[1];
  if (said !== undefined) return [said];
  const layers = [...networks.unet.keys()];
  if (layers.some((layer) => ATTENTION_AT_TOP.test(layer))) return ['sd15', 'sd2'];
  return layers.some((layer) => DEEP_ATTENTION.test(layer)) ? ['sdxl', 'sdxl-refiner'] : [];
}

/** How wide the text is that attention layers read, by the first change that says. */
function findConditioningWidth(layers: ReadonlyMap<string, LoraModule>): number | undefined {
  for (const [layer, { formula }] of layers) {
    if (!/_attn2_to_[kv]$/.test(layer)) continue;
    if (formula.kind === 'lora') return formula.down.shape[1];
    if (formula.kind === 'loha') return formula.first.b.shape[1];
  }
  return undefined;
}
