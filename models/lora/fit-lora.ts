import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { WeightSource } from '../weights.ts';
import { explainMisfit } from './explain-misfit.ts';
import { ldmLayerNames } from './ldm-layer-names.ts';
import type { LoraModule } from './lora-module.ts';

/** The changes of one network by the layer's name in the network's graph: `down_blocks.0.attentions.0.proj_in`. */
export type FittedLora = ReadonlyMap<string, LoraModule>;

/** A network that a LoRA's changes are for, and the words for both in sentences. */
export interface LoraTarget {
  readonly weights: WeightSource;
  /** `the U-Net of emoji`. */
  readonly title: string;
  readonly loraName: string;
}

/** Finds the layer of each change and checks that its matrices have the layer's sizes. */
export function fitLora(changes: ReadonlyMap<string, LoraModule>, { weights, title, loraName }: LoraTarget): Result<FittedLora> {
  const layers = collectLayers(weights);
  const byFlatName = flatNames(layers);
  const fitted = new Map<string, LoraModule>();
  for (const [name, module] of changes) {
    const layer = byFlatName.get(name);
    if (layer === undefined) {
      return fail(
        'model.wrongFamily',
        `${loraName} changes a layer ${name}, which ${title} does not have. Choose a LoRA that was made for this kind of model.`,
      );
    }
    const shape = layers.get(layer) ?? [];
    const fault = explainMisfit(module, shape);
    if (fault !== undefined) {
      return fail(
        'model.wrongShape',
        `${loraName} changes ${layer} with ${fault}, but in ${title} that layer has weights of shape [${shape.join(', ')}]. Choose a LoRA that was made for this kind of model.`,
      );
    }
    fitted.set(layer, module);
  }
  return ok(fitted);
}

/** Layers by their name in graphs, with the shape of their weights. transformers 4 puts `text_model` before everything. */
function collectLayers(weights: WeightSource): Map<string, readonly number[]> {
  const layers = new Map<string, readonly number[]>();
  for (const name of weights.names()) {
    // Tables of words and places are looked up, not multiplied by.
    if (!name.endsWith('.weight') || /(^|\.)embeddings\./.test(name)) continue;
    const source = weights.get(name);
    if (source === undefined || source.shape.length < 2) continue;
    const shape = source.transposed === true ? [...source.shape].reverse() : source.shape;
    layers.set(name.slice(0, -'.weight'.length).replace(/^text_model\./, ''), shape);
  }
  return layers;
}

function flatNames(layers: ReadonlyMap<string, unknown>): Map<string, string> {
  const names = new Map<string, string>();
  for (const [layer, original] of ldmLayerNames(new Set(layers.keys()))) names.set(original.replaceAll('.', '_'), layer);
  for (const layer of layers.keys()) names.set(layer.replaceAll('.', '_'), layer);
  return names;
}
