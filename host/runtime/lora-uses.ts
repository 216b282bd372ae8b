import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { Component } from '../../models/checkpoint/checkpoint.ts';
import { type FittedLora, fitLora } from '../../models/lora/fit-lora.ts';
import { strengthInputName } from '../../models/lora/lora-changes.ts';
import type { LoraNetwork } from '../../models/lora/lora-module.ts';
import type { LoraFile } from '../../models/lora/open-lora.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import type { LoraUse } from '../../nodes/socket-values.ts';
import type { FileStore } from './file-store.ts';
import { refuseForeign } from './refuse-foreign.ts';
import type { OpenSession } from './session-store.ts';

/** The LoRAs that change one network, ready for its graph. */
export interface FittedLoras {
  readonly loras: readonly FittedLora[];
  /** Part of the session's key: which files, whatever their strengths. Empty without LoRAs. */
  readonly key: string;
  /** The strengths, by the session's inputs. */
  feeds(session: OpenSession): Record<string, OrtTensor>;
}

/** Opens the LoRAs of a value and finds the layers they change in one of its networks; those that change none of it are left out. */
export async function fitLoraUses(
  uses: readonly LoraUse[] | undefined,
  network: LoraNetwork,
  component: Component,
  title: string,
  files: FileStore<LoraFile>,
): Promise<Result<FittedLoras>> {
  const loras: FittedLora[] = [];
  const used: LoraUse[] = [];
  for (const use of uses ?? []) {
    const lora = await files.find(use);
    if (!lora.ok) return lora;
    const changes = lora.value.networks[network];
    if (changes.size === 0) continue;
    if (component.onnx !== undefined) return refuseForeign(title, 'LoRAs');
    const fitted = fitLora(changes, { weights: component.weights, title, loraName: use.name });
    if (!fitted.ok) return fitted;
    loras.push(fitted.value);
    used.push(use);
  }
  return ok({
    loras,
    key: used.length === 0 ? '' : ` lora ${used.map(({ fingerprint }) => fingerprint).join(' ')}`,
    feeds(session) {
      const feeds: Record<string, OrtTensor> = {};
      for (const [index, { strength }] of used.entries()) {
        const name = strengthInputName(index);
        if (session.inputNames.includes(name)) feeds[name] = new OrtTensor('float32', Float32Array.of(strength), []);
      }
      return feeds;
    },
  });
}

/** Which of a LoRA's networks is the text encoder of that number: SDXL's refiner has only the second of the two. */
export function loraNetworkOf(family: string, encoder: number): LoraNetwork {
  return encoder > 0 || family === 'sdxl-refiner' ? 'text2' : 'text1';
}
