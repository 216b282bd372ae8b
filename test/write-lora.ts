import { join } from 'node:path';
import { openCheckpoint } from '../models/checkpoint/open-checkpoint.ts';
import { writeSafetensors } from '../models/write-safetensors.ts';
import { type Tensor, tensor } from '../nodes/tensor.ts';

/** What of a checkpoint a LoRA is to change, and how. */
export interface LoraPlan {
  readonly rank?: number;
  /** Layers of the U-Net and of the first text encoder. Default: attention's, in both. */
  readonly unet?: RegExp;
  readonly text?: RegExp;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Changes what would be written. */
  readonly change?: (tensors: Record<string, Tensor>) => void;
}

const ATTENTION = /(to_q|to_k|to_v|to_out\.0|[qkv]_proj|out_proj)$/;

/** Writes a LoRA as kohya's scripts do that fits a checkpoint, of numbers that look random and are always the same; returns its path. */
export async function writeLora(folder: string, name: string, checkpointPath: string, plan: LoraPlan = {}): Promise<string> {
  const { rank = 2, unet = ATTENTION, text = ATTENTION, metadata = {}, change } = plan;
  const opened = await openCheckpoint(checkpointPath);
  if (!opened.ok) throw new Error(opened.problem.message);
  const [encoder] = opened.value.textEncoders;
  const tensors: Record<string, Tensor> = {};
  const parts = [
    { prefix: 'lora_unet_', weights: opened.value.unet.weights, layers: unet },
    ...(encoder === undefined ? [] : [{ prefix: 'lora_te_', weights: encoder.weights, layers: text }]),
  ];
  for (const { prefix, weights, layers } of parts) {
    for (const name of weights.names()) {
      const layer = name.replace(/\.weight$/, '');
      const [out = 0, ...inner] = weights.get(name)?.shape ?? [];
      if (!name.endsWith('.weight') || inner.length === 0 || !layers.test(layer)) continue;
      const key = prefix + layer.replaceAll('.', '_');
      tensors[`${key}.lora_down.weight`] = waves([rank, ...inner], key.length);
      tensors[`${key}.lora_up.weight`] = waves([out, rank, ...inner.slice(1).map(() => 1)], key.length + 1);
      tensors[`${key}.alpha`] = tensor(Float32Array.of(1), []);
    }
  }
  change?.(tensors);
  return writeTensors(join(folder, `${name}.safetensors`), tensors, metadata);
}

/** Writes tensors as a safetensors file and returns its path. */
export async function writeTensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> {
  const written = await writeSafetensors(path, tensors, metadata);
  if (!written.ok) throw new Error(written.problem.message);
  return path;
}

/** Numbers between −0.3 and 0.3. */
export function waves(shape: readonly number[], step: number): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  return tensor(
    Float32Array.from({ length }, (_, at) => 0.3 * Math.sin((1 + step / 7) * (at + 1) + Math.sin(at))),
    shape,
  );
}
