import { isJsonObject, type JsonObject } from '../read-json.ts';
import type { LoraNetwork } from './lora-module.ts';

/** A file from anywhere must not keep the processor busy: matching these takes no time that anybody notices. */
const MOST_PATTERN_CHARACTERS = 300;
const MOST_REPETITIONS = 4;
const NESTED = /[*+}?]\)*[*+{]/;

const PREFIXES: Readonly<Record<LoraNetwork, string>> = { unet: 'unet.', text1: 'text_encoder.', text2: 'text_encoder_2.' };

/** What a file's metadata say of how strongly layers are changed. */
export interface WrittenScales {
  /** The alpha of a layer, by its name with dots, which has none of its own; undefined: its rank. */
  alphaOf(network: LoraNetwork, path: string): number | undefined;
  /** Whether a network's changes are scaled by alpha / √rank (Kalajdzievski 2023, rsLoRA) instead of alpha / rank. */
  isRankStabilized(network: LoraNetwork): boolean;
}

/**
 * Reads `lora_adapter_metadata`, in which newer versions of diffusers keep PEFT's settings (`unet.lora_alpha`, `unet.alpha_pattern`, `unet.use_rslora`).
 * What is not readable counts as not there: most files have none.
 */
export function readMetadataScales(text: string | undefined): WrittenScales {
  const settings = parseObject(text);
  const alphaOf: WrittenScales['alphaOf'] = (network, path) => {
    const prefix = PREFIXES[network];
    const pattern = settings[`${prefix}alpha_pattern`];
    const own = Object.entries(isJsonObject(pattern) ? pattern : {}).find(([name]) => isMeant(name, path))?.[1];
    const alpha = own ?? settings[`${prefix}lora_alpha`];
    return typeof alpha === 'number' && Number.isFinite(alpha) ? alpha : undefined;
  };
  return { alphaOf, isRankStabilized: (network) => settings[`${PREFIXES[network]}use_rslora`] === true };
}

/** As PEFT matches (utils/other.py, get_pattern_key): the whole name, or what follows one of its dots, by a regular expression. */
function isMeant(pattern: string, path: string): boolean {
  if (pattern.length > MOST_PATTERN_CHARACTERS || (pattern.match(/[*+{]/g)?.length ?? 0) > MOST_REPETITIONS || NESTED.test(pattern))
    return false;
  try {
    return new RegExp(`^(?:.*\\.)?(?:${pattern})$`).test(path);
  } catch {
    return false; // no regular expression: of no layer
  }
}

function parseObject(text: string | undefined): JsonObject {
  try {
    const json: unknown = JSON.parse(text ?? '{}');
    return isJsonObject(json) ? json : {};
  } catch {
    return {};
  }
}
