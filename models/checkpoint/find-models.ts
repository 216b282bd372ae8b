import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Problem } from '../../nodes/problem.ts';
import { explainFileError } from '../file-error.ts';
import type { SafetensorsDtype } from '../safetensors-header.ts';
import type { WeightSource } from '../weights.ts';
import type { Checkpoint, CheckpointFamily } from './checkpoint.ts';
import { type OpenCheckpointOptions, openCheckpoint } from './open-checkpoint.ts';

/** One thing in a models folder: a checkpoint, or why it is none. */
export type ModelEntry = { readonly path: string; readonly name: string } & (
  | {
      readonly layout: Checkpoint['layout'];
      readonly family: CheckpointFamily;
      readonly label: string;
      /** Element type of most of the U-Net's weights. */
      readonly dtype: SafetensorsDtype;
      /** Of all its weights. */
      readonly sizeBytes: number;
      readonly problem?: undefined;
    }
  | { readonly problem: Problem }
);

const MAX_DEPTH = 8;
const MAX_VISITED = 20_000;
const MODEL_FILE = /\.(safetensors|ckpt|pt|pth|gguf)$/i;

/**
 * Lists the checkpoints under folders (or the files named), sorted by path: diffusers folders and single files; what is none is
 * listed with the reason. Folders are walked eight levels deep, each once, whatever links lead to it.
 */
export async function findModels(paths: readonly string[], options: Pick<OpenCheckpointOptions, 'modelsRoot'> = {}): Promise<ModelEntry[]> {
  const walk: Walk = { entries: [], seen: new Set(), visited: 0, options };
  for (const path of paths) await visit(resolve(path), 0, walk);
  return walk.entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

interface Walk {
  readonly entries: ModelEntry[];
  /** Real paths, so that links in circles end. */
  readonly seen: Set<string>;
  visited: number;
  readonly options: Pick<OpenCheckpointOptions, 'modelsRoot'>;
}

async function visit(path: string, depth: number, walk: Walk): Promise<void> {
  if (walk.visited++ >= MAX_VISITED) return;
  try {
    const real = await realpath(path);
    if (walk.seen.has(real)) return;
    walk.seen.add(real);
    if (!(await stat(real)).isDirectory()) {
      if (depth === 0 || MODEL_FILE.test(path)) walk.entries.push(await describe(path, walk));
      return;
    }
    const names = (await readdir(path)).sort();
    if (names.includes('model_index.json')) {
      walk.entries.push(await describe(path, walk));
      return;
    }
    if (depth === MAX_DEPTH) return;
    for (const name of names) if (!name.startsWith('.')) await visit(join(path, name), depth + 1, walk);
  } catch (error) {
    walk.entries.push({ path, name: basename(path), problem: explainFileError(path, error) });
  }
}

async function describe(path: string, walk: Walk): Promise<ModelEntry> {
  const opened = await openCheckpoint(path, walk.options);
  if (!opened.ok) return { path, name: basename(path), problem: opened.problem };
  const { name, layout, family, label, unet, vae, textEncoders } = opened.value;
  const networks = [unet, vae, ...textEncoders];
  const sizeBytes = networks.reduce((sum, { weights }) => sum + countBytes(weights), 0);
  return { path, name, layout, family, label, dtype: commonDtype(unet.weights), sizeBytes };
}

function countBytes(weights: WeightSource): number {
  let bytes = 0;
  for (const name of weights.names()) bytes += weights.get(name)?.byteLength ?? 0;
  return bytes;
}

function commonDtype(weights: WeightSource): SafetensorsDtype {
  const bytes = new Map<SafetensorsDtype, number>();
  for (const name of weights.names()) {
    const source = weights.get(name);
    if (source) bytes.set(source.dtype, (bytes.get(source.dtype) ?? 0) + source.byteLength);
  }
  const [most] = [...bytes].sort((a, b) => b[1] - a[1]);
  return most?.[0] ?? 'F32';
}
