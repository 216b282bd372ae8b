import { isJsonObject, type JsonObject } from '../read-json.ts';
import type { LoraNetwork } from './lora-module.ts';

const PREFIXES: Readonly<Record<LoraNetwork, string>> = { unet: 'unet.', text1: 'text_encoder.', text2: 'text_encoder_2.' };

/** What a file's metadata say of how strongly layers are changed. */
export interface WrittenScales {
  /** The alpha of a layer which has none of its own; undefined: its rank. */
  alphaOf(network: LoraNetwork, layer: string): number | undefined;
  /** Whether a network's changes are scaled by alpha / √rank (Kalajdzievski 2023, rsLoRA) instead of alpha / rank. */
  isRankStabilized(network: LoraNetwork): boolean;
}

/**
 * Reads `lora_adapter_metadata`, in which newer versions of diffusers keep PEFT's settings (`unet.lora_alpha`, `unet.alpha_pattern`, `unet.use_rslora`).
 * What is not readable counts as not there: most files have none.
 */
export function readMetadataScales(text: string | undefined): WrittenScales {
  const settings = parseObject(text);
  const alphaOf: WrittenScales['alphaOf'] = (network, layer) => {
    const prefix = PREFIXES[network];
    const pattern = settings[`${prefix}alpha_pattern`];
    const own = Object.entries(isJsonObject(pattern) ? pattern : {}).find(([name]) => {
      const flat = name.replaceAll('.', '_').replace(/^text_model_/, '');
      return layer === flat || layer.endsWith(`_${flat}`);
    })?.[1];
    const alpha = own ?? settings[`${prefix}lora_alpha`];
    return typeof alpha === 'number' && Number.isFinite(alpha) ? alpha : undefined;
  };
  return { alphaOf, isRankStabilized: (network) => settings[`${PREFIXES[network]}use_rslora`] === true };
}

function parseObject(text: string | undefined): JsonObject {
  try {
    const json: unknown = JSON.parse(text ?? '{}');
    return isJsonObject(json) ? json : {};
  } catch {
    return {};
  }
}
