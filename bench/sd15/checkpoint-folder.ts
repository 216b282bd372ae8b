import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findModelsRoot } from '../../models/models-root.ts';
import { parseMerges, vocabularyFromMerges } from '../../models/tokenizers/clip-engine.ts';
import { MODEL_INDEX, SCHEDULER_CONFIG, TEXT_CONFIG, UNET_CONFIG, VAE_CONFIG } from './configs.ts';
import { textShapes, unetShapes, vaeShapes } from './weight-shapes.ts';
import { writeWeights } from './write-weights.ts';

const SIZE_BYTES = 2.2e9;

/** Raised when what is written changes. */
const VERSION = 1;

/** Where the benchmarks keep what they write: EMULSION_BENCH_DIR, else the user's cache folder. */
export function benchFolder(): string {
  return process.env['EMULSION_BENCH_DIR'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'emulsion-bench');
}

/** A diffusers folder as large as Stable Diffusion 1.5 in fp16, with random weights; written at first use (2.1 GB). */
export async function findSd15(): Promise<string> {
  const folder = join(benchFolder(), `sd15-random-${VERSION}`);
  if (existsSync(folder)) return folder;
  await mkdir(benchFolder(), { recursive: true });
  const { bavail, bsize } = await statfs(benchFolder());
  if (bavail * bsize < SIZE_BYTES) {
    throw new Error(
      `${benchFolder()} has ${((bavail * bsize) / 1e9).toFixed(1)} GB free; the checkpoint takes 2.1 GB. Name another place in EMULSION_BENCH_DIR.`,
    );
  }
  const beganMs = performance.now();
  const partial = `${folder}.${process.pid}.partial`;
  await rm(partial, { recursive: true, force: true });
  const parts = [
    { name: 'unet', file: 'diffusion_pytorch_model.safetensors', config: UNET_CONFIG, shapes: unetShapes() },
    { name: 'vae', file: 'diffusion_pytorch_model.safetensors', config: VAE_CONFIG, shapes: vaeShapes() },
    { name: 'text_encoder', file: 'model.safetensors', config: TEXT_CONFIG, shapes: textShapes() },
  ];
  for (const [index, { name, file, config, shapes }] of parts.entries()) {
    await mkdir(join(partial, name), { recursive: true });
    await writeJson(join(partial, name, 'config.json'), config);
    const count = await writeWeights(join(partial, name, file), shapes, 0x9e3779b9 + index);
    console.log(`wrote ${name}: ${(count / 1e6).toFixed(1)} M parameters in ${shapes.length} tensors`);
  }
  await mkdir(join(partial, 'scheduler'));
  await writeJson(join(partial, 'scheduler/scheduler_config.json'), SCHEDULER_CONFIG);
  await writeTokenizer(join(partial, 'tokenizer'));
  await writeJson(join(partial, 'model_index.json'), MODEL_INDEX);
  await rename(partial, folder);
  console.log(`wrote ${folder} in ${((performance.now() - beganMs) / 1000).toFixed(0)} s`);
  return folder;
}

/** CLIP's vocabulary in the two files that transformers writes. */
async function writeTokenizer(folder: string): Promise<void> {
  await mkdir(folder);
  const merges = join(findModelsRoot(), 'tokenizers/clip/merges.txt');
  await copyFile(merges, join(folder, 'merges.txt'));
  const vocabulary = vocabularyFromMerges(parseMerges(await readFile(merges, 'utf8')));
  await writeFile(join(folder, 'vocab.json'), JSON.stringify(Object.fromEntries(vocabulary)));
  const [start, end] = ['<|startoftext|>', '<|endoftext|>'];
  await writeJson(join(folder, 'tokenizer_config.json'), {
    tokenizer_class: 'CLIPTokenizer',
    model_max_length: 77,
    bos_token: start,
    eos_token: end,
    unk_token: end,
    pad_token: end,
  });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
