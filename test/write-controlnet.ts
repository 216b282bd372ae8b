import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSafetensors } from '../models/write-safetensors.ts';
import { type Tensor, tensor } from '../nodes/tensor.ts';
import { float32Of, readJsonLines, readSafetensorsFile } from './fixtures-reader.ts';

const golden = fileURLToPath(new URL('./golden/controlnet/', import.meta.url));

/** The tiny ControlNets and T2I-Adapters that lie in every clone, by what they were made for. */
export type TinyControlNet = 'controlnet-sd' | 'controlnet-sdxl' | 'controlnet-shuffle' | 't2i-full' | 't2i-xl' | 't2i-light';

/** The config of a tiny ControlNet, as diffusers writes it. */
export function readTinyConfig(id: TinyControlNet): Readonly<Record<string, unknown>> {
  const rows = readJsonLines<{ id: string; config: Readonly<Record<string, unknown>> }>(`${golden}cases.jsonl`);
  const found = rows.find((row) => row.id === id);
  if (found === undefined) throw new Error(`there is no case ${id}`);
  return { _class_name: id.startsWith('t2i') ? 'T2IAdapter' : 'ControlNetModel', ...found.config };
}

/** The weights of a tiny ControlNet by diffusers' names. */
export function readTinyWeights(id: TinyControlNet): Record<string, Tensor> {
  const recorded = readSafetensorsFile(`${golden}${id}.safetensors`);
  const weights: Record<string, Tensor> = {};
  for (const [name, { shape }] of recorded) {
    if (name.startsWith('weights/')) weights[name.slice('weights/'.length)] = tensor(float32Of(recorded, name), shape);
  }
  return weights;
}

/** Writes a tiny ControlNet as a diffusers folder and returns its path. */
export async function writeTinyControlNet(folder: string, id: TinyControlNet): Promise<string> {
  const path = join(folder, id);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'config.json'), JSON.stringify(readTinyConfig(id)));
  await writeWeights(join(path, 'diffusion_pytorch_model.safetensors'), readTinyWeights(id));
  return path;
}

/** Writes tensors as a safetensors file, with its folder. */
export async function writeWeights(path: string, weights: Readonly<Record<string, Tensor>>): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const written = await writeSafetensors(path, weights);
  if (!written.ok) throw new Error(written.problem.message);
  return path;
}
