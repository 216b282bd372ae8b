import { basename } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { readTensors } from '../read-tensor.ts';
import { openSafetensors, type SafetensorsFile } from '../safetensors.ts';
import type { TensorSource } from '../weights.ts';
import { assembleModule, type ModuleParts } from './assemble-module.ts';
import { explainOtherLora } from './explain-other-lora.ts';
import type { LoraModule, LoraNetwork } from './lora-module.ts';
import { type LoraKey, parseLoraKey } from './parse-lora-key.ts';
import { readMetadataScales } from './read-metadata-scales.ts';
import { tellLoraFamilies } from './tell-lora-families.ts';

/** The changes of each network by layer, named with underscores for dots, as diffusers or as original checkpoints call it. */
export type LoraNetworks = Readonly<Record<LoraNetwork, ReadonlyMap<string, LoraModule>>>;

/** A LoRA or a relative of it, opened by its header and its alphas; its matrices stay in the file. */
export interface LoraFile {
  /** Absolute path, as it was asked for. */
  readonly path: string;
  readonly name: string;
  /** Changes when the file does. */
  readonly fingerprint: string;
  readonly file: SafetensorsFile;
  readonly networks: LoraNetworks;
  /** The families it may have been made for; empty where nothing tells. */
  readonly families: readonly string[];
  /** Width of the text states that its cross-attention reads, where it changes any. */
  readonly conditioningWidth: number | undefined;
}

/**
 * Opens a LoRA, LoCon, LoHa, LoKr or DoRA as kohya's scripts, LyCORIS, PEFT or any diffusers writes it. What is none of them, or lacks a
 * part, is told in a sentence that names file and tensor.
 */
export async function openLora(path: string): Promise<Result<LoraFile>> {
  const opened = await openSafetensors(path);
  if (!opened.ok) return opened;
  const file = opened.value;
  const keys = parseKeys(file, path);
  if (!keys.ok) return keys;
  const alphas = await readTensors(
    file,
    [...keys.value].filter(([, { part }]) => part === 'alpha').map(([key]) => key),
  );
  if (!alphas.ok) return alphas;
  for (const [key, { data, shape }] of alphas.value) {
    if (data.length === 1) continue;
    return fail(
      'model.damaged',
      `${path} has ${key} of shape [${shape.join(', ')}], where one number is wanted. Download or export it again.`,
    );
  }
  const written = readMetadataScales(file.metadata.get('lora_adapter_metadata'));
  const networks: Record<LoraNetwork, Map<string, LoraModule>> = { unet: new Map(), text1: new Map(), text2: new Map() };
  for (const { network, layer, path: dotted, parts, alphaKey } of collectParts(file, keys.value)) {
    const alpha = alphaKey === undefined ? written.alphaOf(network, dotted) : alphas.value.get(alphaKey)?.data[0];
    const module = assembleModule(parts, alpha, written.isRankStabilized(network));
    if ('fault' in module) {
      return fail('model.damaged', `${path} is incomplete: for the layer ${layer} it ${module.fault}. Download or export it again.`);
    }
    networks[network].set(layer, module);
  }
  return ok({
    path,
    name: basename(path).replace(/\.safetensors$/i, ''),
    fingerprint: file.fingerprint,
    file,
    networks,
    ...tellLoraFamilies(networks, file.metadata),
  });
}

function parseKeys(file: SafetensorsFile, path: string): Result<Map<string, LoraKey>> {
  const keys = new Map<string, LoraKey>();
  const strangers: string[] = [];
  for (const key of file.tensors.keys()) {
    const parsed = parseLoraKey(key);
    if (parsed === undefined) strangers.push(key);
    else keys.set(key, parsed);
  }
  const [stranger] = strangers;
  if (stranger !== undefined || keys.size === 0) return fail(explainOtherLora(file, path, strangers));
  return ok(keys);
}

interface FoundParts {
  readonly network: LoraNetwork;
  readonly layer: string;
  readonly path: string;
  readonly parts: ModuleParts;
  alphaKey: string | undefined;
}

function collectParts(file: SafetensorsFile, keys: ReadonlyMap<string, LoraKey>): Iterable<FoundParts> {
  const found = new Map<string, Omit<FoundParts, 'parts'> & { parts: Map<string, TensorSource> }>();
  for (const [key, { network, layer, path, part }] of keys) {
    const id = `${network} ${layer}`;
    const module = found.get(id) ?? { network, layer, path, parts: new Map(), alphaKey: undefined };
    found.set(id, module);
    const entry = file.tensors.get(key);
    if (part === 'alpha') module.alphaKey = key;
    else if (entry !== undefined) {
      const { dtype, shape, offset, length } = entry;
      module.parts.set(part, { path: file.path, dtype, shape, byteOffset: offset, byteLength: length });
    }
  }
  return found.values();
}
