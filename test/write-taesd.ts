import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Tensor, tensor } from '../nodes/tensor.ts';
import { float32Of, readJsonLines, readSafetensorsFile } from './fixtures-reader.ts';
import { writeWeights } from './write-controlnet.ts';

const golden = fileURLToPath(new URL('./golden/autoencoder-tiny/', import.meta.url));

/** The weights of one half of the tiny TAESD as the original numbers them, its modules counted from `first` on. */
export function readTaesdWeights(side: 'encoder' | 'decoder', first: number, prefix = ''): Record<string, Tensor> {
  const weights: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(readTinyWeights())) {
    const [, number, rest] = new RegExp(`^${side}\\.layers\\.(\\d+)\\.(.+)$`).exec(name) ?? [];
    if (number !== undefined) weights[`${prefix}${Number(number) + first}.${rest}`] = value;
  }
  return weights;
}

/** Writes the tiny TAESD as a diffusers folder, as the original's two files, and as one file with both; returns where each is. */
export async function writeTaesd(
  folder: string,
): Promise<{ readonly folder: string; readonly encoder: string; readonly decoder: string; readonly joined: string }> {
  const diffusers = join(folder, 'taesd');
  await mkdir(diffusers, { recursive: true });
  const [row] = readJsonLines<{ id: string; config: Readonly<Record<string, unknown>> }>(`${golden}cases.jsonl`);
  await writeFile(join(diffusers, 'config.json'), JSON.stringify({ _class_name: 'AutoencoderTiny', ...row?.config }));
  await writeWeights(join(diffusers, 'diffusion_pytorch_model.safetensors'), readTinyWeights());
  const original = join(folder, 'original');
  return {
    folder: diffusers,
    encoder: await writeWeights(join(original, 'taesd_encoder.safetensors'), readTaesdWeights('encoder', 0)),
    decoder: await writeWeights(join(original, 'taesd_decoder.safetensors'), readTaesdWeights('decoder', 1)),
    joined: await writeWeights(join(folder, 'joined', 'taesd.safetensors'), {
      ...readTaesdWeights('encoder', 0, 'taesd_encoder.'),
      ...readTaesdWeights('decoder', 1, 'taesd_decoder.'),
    }),
  };
}

function readTinyWeights(): Record<string, Tensor> {
  const recorded = readSafetensorsFile(`${golden}defaults.safetensors`);
  const weights: Record<string, Tensor> = {};
  for (const [name, { shape }] of recorded) {
    if (name.startsWith('weights/')) weights[name.slice('weights/'.length)] = tensor(float32Of(recorded, name), shape);
  }
  return weights;
}
