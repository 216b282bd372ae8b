import { basename } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { openSafetensors, type SafetensorsFile } from '../safetensors.ts';
import { assembleCheckpoint } from './assemble.ts';
import type { Checkpoint } from './checkpoint.ts';
import { explainOtherTensors } from './identify-tensors.ts';
import { LDM_UNET_PREFIX, ldmUnetKeys } from './ldm-unet-keys.ts';
import { LDM_VAE_PREFIXES, ldmVaeKeys } from './ldm-vae-keys.ts';
import { openClipKeys, prefixedClipKeys } from './openclip-keys.ts';
import { describeFromFolder, describeFromTensors, type SingleFileNetworks } from './single-file-configs.ts';
import { findTextParts, type SingleFileFamily, type TextPart } from './single-file-layout.ts';
import { renamedTensors, type TensorMap } from './tensor-map.ts';

/** U-Nets that look like Stable Diffusion's and are asked other questions, by the channels they take. */
const OTHER_UNETS: Readonly<Record<number, string>> = { 5: 'a depth-to-image model', 7: 'the ×4 upscaler', 8: 'an InstructPix2Pix model' };

/**
 * Opens a checkpoint in one file in the original layout. `configFolder` is a diffusers folder whose configs and tokenizers go with it;
 * without one they are told from names and shapes. Averaged weights (`model_ema.*`) are passed over, as diffusers does.
 */
export async function openSingleFile(path: string, modelsRoot: string, configFolder?: string): Promise<Result<Checkpoint>> {
  const opened = await openSafetensors(path);
  if (!opened.ok) return opened;
  const file = opened.value;
  const layout = tellLayout(file, path);
  if (!layout.ok) return layout;
  const networks = nameNetworks(file, layout.value, path);
  if (!networks.ok) return networks;
  const described =
    configFolder === undefined
      ? await describeFromTensors(file, layout.value.family, networks.value, modelsRoot)
      : await describeFromFolder(configFolder, networks.value, modelsRoot);
  if (!described.ok) {
    const { problem } = described;
    return configFolder === undefined ? fail({ ...problem, message: `${path} cannot be opened: ${problem.message}` }) : described;
  }
  return assembleCheckpoint({
    path,
    name: basename(path).replace(/\.safetensors$/i, ''),
    title: undefined,
    layout: 'single-file',
    ...described.value,
    fingerprints: [file.fingerprint, ...described.value.fingerprints],
  });
}

/** What a single file holds, and where. */
interface SingleFileLayout {
  readonly family: SingleFileFamily;
  readonly parts: readonly TextPart[];
  readonly vaePrefix: string;
}

/** Which family the file's tensors belong to, and where they lie; what is no whole Stable Diffusion is told in a sentence. */
function tellLayout(file: SafetensorsFile, path: string): Result<SingleFileLayout> {
  const keys = [...file.tensors.keys()];
  const has = (prefix: string) => keys.some((key) => key.startsWith(prefix));
  if (!has(`${LDM_UNET_PREFIX}input_blocks.`)) return fail(explainOtherTensors(file, path));
  if (file.tensors.has('edm_mean') || file.tensors.has('edm_vpred.sigma_max')) {
    return fail(
      'model.unsupported',
      `${path} is an SDXL model with EDM's noise schedule (Playground 2.5, CosXL), which is not supported. Choose a usual SDXL model.`,
    );
  }
  const channels = file.tensors.get(`${LDM_UNET_PREFIX}input_blocks.0.0.weight`)?.shape[1];
  if (channels !== 4 && channels !== 9) {
    const what = OTHER_UNETS[channels ?? 0] ?? 'an unusual model';
    return fail(
      'model.unsupported',
      `${path} is ${what}: its U-Net takes ${channels ?? 'no'} channels. Text-to-image (4) and inpainting models (9) are supported.`,
    );
  }
  const text = findTextParts(has);
  const vaePrefix = LDM_VAE_PREFIXES.find((prefix) => has(`${prefix}decoder.`));
  const missing = [
    ...(vaePrefix === undefined ? [`autoencoder (${LDM_VAE_PREFIXES[0]}*)`] : []),
    ...(text === undefined ? ['text encoder (cond_stage_model.* or conditioner.embedders.*)'] : []),
  ];
  if (text === undefined || vaePrefix === undefined) {
    return fail(
      'model.missing',
      `${path} was saved without its ${missing.join(' and ')}. Take the complete checkpoint, or the model's diffusers folder.`,
    );
  }
  return ok({ ...text, vaePrefix });
}

/** Gives the file's tensors diffusers' names. A tensor without a place means another structure, which must not be half loaded. */
function nameNetworks(file: SafetensorsFile, { parts, vaePrefix }: SingleFileLayout, path: string): Result<SingleFileNetworks> {
  const keys = [...file.tensors.keys()];
  const unetKeys = ldmUnetKeys(keys);
  const vaeKeys = ldmVaeKeys(keys, vaePrefix);
  const stranger = unetKeys.unmapped[0] ?? vaeKeys.unmapped[0];
  if (stranger !== undefined) {
    return fail(
      'model.unsupported',
      `${path} has a tensor ${stranger}, which no Stable Diffusion model has. Take an unmodified checkpoint, or the model's diffusers folder.`,
    );
  }
  const unet = renamedTensors(file, unetKeys.names);
  if (!unet.ok) return unet;
  const vae = renamedTensors(file, vaeKeys.names);
  if (!vae.ok) return vae;
  const text: { part: TextPart; tensors: TensorMap }[] = [];
  for (const part of parts) {
    const tensors = renamedTensors(file, part.names === 'openclip' ? openClipKeys(keys, part.prefix) : prefixedClipKeys(keys, part.prefix));
    if (!tensors.ok) return tensors;
    text.push({ part, tensors: tensors.value });
  }
  return ok({ unet: unet.value, vae: vae.value, text });
}
