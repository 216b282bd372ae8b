import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { explainWrongFile } from '../explain-wrong-file.ts';
import { explainFileError } from '../file-error.ts';
import { isJsonObject, readJsonFile } from '../read-json.ts';
import { recogniseFile } from '../recognise-file.ts';
import { openSafetensors, type SafetensorsFile } from '../safetensors.ts';
import type { TensorSource } from '../weights.ts';
import { ownTensors, type TensorMap } from './tensor-map.ts';

/** The weights of one component and a fingerprint for each file they are in. */
export interface ComponentWeights {
  readonly tensors: TensorMap;
  readonly fingerprints: readonly string[];
}

/** An index of shards names each tensor; networks with a hundred thousand tensors do not exist yet. */
const MAX_INDEX_BYTES = 32 << 20;

const MAX_SHARDS = 512;

const MAX_POINTER_BYTES = 1024;

/**
 * Opens the weights in a component's folder as diffusers and transformers save them: one safetensors file or shards with an index,
 * under `base`, with or without a variant in the name. Of several variants plain comes first, then fp16, bf16, any other; one that was not
 * downloaded, and is only a pointer to it, comes last.
 */
export async function openComponentWeights(folder: string, base: string): Promise<Result<ComponentWeights>> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    return fail(explainFileError(folder, error));
  }
  const files = findFiles(names, base);
  const chosen = (await findDownloaded(folder, files)) ?? files[0];
  if (chosen === undefined) return fail(explainMissing(folder, names, base));
  const path = join(folder, chosen);
  if (chosen.endsWith('.json')) return await openShards(folder, path);
  const file = await openSafetensors(path);
  return file.ok ? ok({ tensors: ownTensors(file.value), fingerprints: [file.value.fingerprint] }) : file;
}

async function findDownloaded(folder: string, files: readonly string[]): Promise<string | undefined> {
  if (files.length < 2) return files[0];
  for (const name of files) if (!(await isPointer(join(folder, name)))) return name;
  return undefined;
}

/** True for what git leaves in place of a file that it keeps elsewhere. */
async function isPointer(path: string): Promise<boolean> {
  try {
    const { size } = await stat(path);
    return size < MAX_POINTER_BYTES && recogniseFile(await readFile(path), size) === 'gitLfsPointer';
  } catch {
    return false; // opening it says what is wrong
  }
}

/** `base.safetensors`, `base.fp16.safetensors`, `base.safetensors.index.json`, `base.safetensors.index.fp16.json`; best first. */
function findFiles(names: readonly string[], base: string): string[] {
  const found: { name: string; rank: number }[] = [];
  for (const name of names) {
    if (!name.startsWith(`${base}.`)) continue;
    const rest = name.slice(base.length + 1);
    const [, variant = ''] = /^(?:(.+)\.)?safetensors$/.exec(rest) ??
      /^safetensors\.index\.(?:(.+)\.)?json$/.exec(rest) ?? [undefined, undefined];
    const isShard = /-\d+-of-\d+$/.test(variant);
    if (!/safetensors$|safetensors\.index\..*json$/.test(rest) || isShard) continue;
    const rank = ['', 'fp16', 'bf16', 'ema'].indexOf(variant);
    found.push({ name, rank: rank < 0 ? 10 : rank });
  }
  found.sort((a, b) => a.rank - b.rank || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  return found.map(({ name }) => name);
}

async function openShards(folder: string, indexPath: string): Promise<Result<ComponentWeights>> {
  const index = await readJsonFile(indexPath, MAX_INDEX_BYTES);
  if (!index.ok) return index;
  const map = index.value['weight_map'];
  if (!isJsonObject(map))
    return fail('model.damaged', `${indexPath} has no "weight_map" that says which file holds which tensor. Download it again.`);
  const shards = new Map<string, SafetensorsFile>();
  const tensors = new Map<string, TensorSource>();
  for (const [name, shardName] of Object.entries(map)) {
    if (typeof shardName !== 'string' || basename(shardName) !== shardName || !shardName.endsWith('.safetensors')) {
      return fail(
        'model.damaged',
        `${indexPath} sends ${JSON.stringify(name)} to ${JSON.stringify(shardName)}, which is no safetensors file beside it. Download it again.`,
      );
    }
    let shard = shards.get(shardName);
    if (shard === undefined) {
      if (shards.size === MAX_SHARDS) return fail('model.damaged', `${indexPath} names more than ${MAX_SHARDS} files. Download it again.`);
      const opened = await openSafetensors(join(folder, shardName));
      if (!opened.ok) return opened;
      shard = opened.value;
      shards.set(shardName, shard);
    }
    const entry = shard.tensors.get(name);
    if (entry === undefined) {
      return fail(
        'model.damaged',
        `${join(folder, shardName)} lacks tensor ${name}, which ${basename(indexPath)} says is in it. Download all parts of the model again.`,
      );
    }
    tensors.set(name, { path: shard.path, dtype: entry.dtype, shape: entry.shape, byteOffset: entry.offset, byteLength: entry.length });
  }
  return ok({ tensors, fingerprints: [...shards.values()].map(({ fingerprint }) => fingerprint) });
}

function explainMissing(folder: string, names: readonly string[], base: string) {
  const pickle = names.find((name) => /\.(bin|pt|pth|ckpt)$/.test(name));
  if (pickle !== undefined) return explainWrongFile(join(folder, pickle), 'pickle');
  const onnx = names.find((name) => name.endsWith('.onnx'));
  if (onnx !== undefined) return explainWrongFile(join(folder, onnx), 'onnx');
  const shard = names.find((name) => /-\d+-of-\d+\.safetensors$/.test(name));
  const missing =
    shard === undefined
      ? `has no ${base}.safetensors (nor a variant such as ${base}.fp16.safetensors)`
      : `has the part ${shard} of a model but no ${base}.safetensors.index.json that puts the parts together`;
  return {
    code: 'model.missing',
    severity: 'error',
    message: `${folder} ${missing}. Download the missing file from where the model came from.`,
  } as const;
}
