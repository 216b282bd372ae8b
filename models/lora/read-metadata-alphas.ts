import { isJsonObject, type JsonObject } from '../read-json.ts';
import type { LoraNetwork } from './lora-module.ts';

const PREFIXES: Readonly<Record<LoraNetwork, string>> = { unet: 'unet.', text1: 'text_encoder.', text2: 'text_encoder_2.' };

/** The alpha that a file's metadata give a layer which has none of its own; undefined: its rank. */
export type AlphaOf = (network: LoraNetwork, layer: string) => number | undefined;

/**
 * Reads `lora_adapter_metadata`, in which newer versions of diffusers keep PEFT's settings (`unet.lora_alpha`, `unet.alpha_pattern`).
 * What is not readable counts as not there: most files have none.
 */
export function readMetadataAlphas(text: string | undefined): AlphaOf {
  const settings = parseObject(text);
  return (network, layer) => {
    const prefix = PREFIXES[network];
    const pattern = settings[`${prefix}alpha_pattern`];
    const own = Object.entries(isJsonObject(pattern) ? pattern : {}).find(([name]) => {
      const flat = name.replaceAll('.', '_').replace(/^text_model_/, '');
      return layer === flat || layer.endsWith(`_${flat}`);
    })?.[1];
    const alpha = own ?? settings[`${prefix}lora_alpha`];
    return typeof alpha === 'number' && Number.isFinite(alpha) ? alpha : undefined;
  };
}

function parseObject(text: string | undefined): JsonObject {
  try {
    const json: unknown = JSON.parse(text ?? '{}');
    return isJsonObject(json) ? json : {};
  } catch {
    return {};
  }
}
