import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { LoraNetwork } from '../../models/lora/lora-module.ts';
import type { LoraFile } from '../../models/lora/open-lora.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { LoraUse, ModelValue, TextEncoderValue } from '../../nodes/socket-values.ts';
import { labelOf } from '../../nodes/types/describe.ts';
import type { FileStore } from './file-store.ts';
import { fitLoraUses, loraNetworkOf } from './lora-uses.ts';

/** What a LoRA is put on: values, and the checkpoints that they are of. */
export interface LoraTargets {
  readonly model: ModelValue;
  readonly modelCheckpoint: Checkpoint;
  readonly textEncoder: TextEncoderValue;
  readonly textCheckpoint: Checkpoint;
}

/** The same values with a LoRA more, if it fits their layers. */
export async function applyLora(
  lora: LoraFile,
  strengths: { readonly strength: number; readonly textStrength: number },
  { model, modelCheckpoint, textEncoder, textCheckpoint }: LoraTargets,
  files: FileStore<LoraFile>,
): Promise<Result<{ model: ModelValue; textEncoder: TextEncoderValue }>> {
  const refusal = refuseOtherFamily(lora, modelCheckpoint) ?? refuseOtherEncoders(lora, textCheckpoint);
  if (refusal !== undefined) return refusal;
  const { path, name, fingerprint } = lora;
  const use = (strength: number): LoraUse => ({ path, name, fingerprint, strength });
  const networks = [
    { network: 'unet' as const, component: modelCheckpoint.unet, title: `the U-Net of ${modelCheckpoint.name}` },
    ...textCheckpoint.textEncoders.map((component, index) => ({
      network: loraNetworkOf(textCheckpoint.family, index),
      component,
      title: `text encoder ${index + 1} of ${textCheckpoint.name}`,
    })),
  ];
  for (const { network, component, title } of networks) {
    const fitted = await fitLoraUses([use(1)], network, component, title, files);
    if (!fitted.ok) return fitted;
  }
  return ok({
    model: { ...model, loras: [...(model.loras ?? []), use(strengths.strength)] },
    textEncoder: { ...textEncoder, loras: [...(textEncoder.loras ?? []), use(strengths.textStrength)] },
  });
}

/** Models of families that nobody else makes say nothing by their family; there layers and sizes decide. */
function refuseOtherFamily({ name, families }: LoraFile, checkpoint: Checkpoint): Result<never> | undefined {
  if (families.length === 0 || checkpoint.family === 'custom' || families.includes(checkpoint.family)) return undefined;
  const made = families.map(labelOf).join(' or ');
  return fail(
    'model.wrongFamily',
    `${name} is a LoRA for ${made}, and ${checkpoint.name} is a model of the family ${labelOf(checkpoint.family)}. Choose a LoRA that was made for ${labelOf(checkpoint.family)}, or a checkpoint of ${made}.`,
  );
}

function refuseOtherEncoders(
  { name, networks }: LoraFile,
  { name: checkpoint, family, textEncoders }: Checkpoint,
): Result<never> | undefined {
  const found = textEncoders.map((_, index) => loraNetworkOf(family, index));
  const texts: readonly LoraNetwork[] = ['text1', 'text2'];
  const missing = texts.find((network) => networks[network].size > 0 && !found.includes(network));
  if (missing === undefined) return undefined;
  const which = missing === 'text1' ? 'first' : 'second';
  return fail(
    'model.wrongFamily',
    `${name} changes the ${which} of SDXL's text encoders, which ${checkpoint} does not have. Choose a LoRA that was made for this kind of model.`,
  );
}
