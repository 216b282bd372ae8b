import { basename } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { explainOtherTensors } from '../checkpoint/identify-tensors.ts';
import { storedFloat } from '../onnx/element-type.ts';
import { openSafetensors, type SafetensorsFile } from '../safetensors.ts';
import type { SafetensorsEntry } from '../safetensors-header.ts';
import type { TensorSource } from '../weights.ts';

/** The rows that a textual inversion adds to one encoder's table of words. */
export interface EmbeddingVectors {
  /** [vectors, width] or [width]. */
  readonly source: TensorSource;
  readonly count: number;
  readonly width: number;
}

/** A textual inversion (Gal et al. 2022), opened by its header; its vectors stay in the file. */
export interface EmbeddingFile {
  /** Absolute path, as it was asked for. */
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly file: SafetensorsFile;
  /** The word that the file itself names; else the file's name. */
  readonly token: string;
  /** For each text encoder, in the order in which a checkpoint has them. */
  readonly vectors: readonly EmbeddingVectors[];
  /** The family with text encoders of these widths; undefined where none is known. */
  readonly family: string | undefined;
}

/** Each one becomes a word of its own; long prompts have room for 20 times 75. */
const MOST_VECTORS = 1500;

const FAMILY_BY_WIDTHS: Readonly<Record<string, string>> = { '768': 'sd15', '1024': 'sd2', '768,1280': 'sdxl', '1280': 'sdxl-refiner' };

/**
 * Opens a textual inversion: A1111's (`emb_params`), diffusers' (one tensor, called as the word) or SDXL's (`clip_l` and `clip_g`).
 * What is none is told in a sentence.
 */
export async function openEmbedding(path: string): Promise<Result<EmbeddingFile>> {
  const opened = await openSafetensors(path);
  if (!opened.ok) return opened;
  const file = opened.value;
  const name = basename(path).replace(/\.safetensors$/i, '');
  const entries = findVectors(file);
  if (entries === undefined) return refuseOther(file, path);
  const vectors: EmbeddingVectors[] = [];
  for (const entry of entries) {
    const [width = 0, count = 1] = [...entry.shape].reverse();
    const isVectors = entry.shape.length >= 1 && entry.shape.length <= 2 && width > 0 && count > 0;
    if (!isVectors || storedFloat(entry.dtype) === undefined) {
      return fail(
        'model.unsupported',
        `${path} has ${entry.name} as ${entry.dtype} of shape [${entry.shape.join(', ')}], where an embedding has floats of shape [vectors, width]. Choose another file.`,
      );
    }
    if (count > MOST_VECTORS) {
      return fail(
        'model.unsupported',
        `${path} has ${count} vectors in ${entry.name}, where a text has room for 75 and ${MOST_VECTORS} are read at most. Choose an embedding with fewer.`,
      );
    }
    const { dtype, shape, offset, length } = entry;
    vectors.push({ source: { path: file.path, dtype, shape, byteOffset: offset, byteLength: length }, count, width });
  }
  if (new Set(vectors.map(({ count }) => count)).size > 1) {
    return fail(
      'model.damaged',
      `${path} has ${vectors.map(({ count }) => count).join(' and ')} vectors for its two text encoders, which should be as many. Choose another file.`,
    );
  }
  const [only] = entries;
  const token =
    entries.length === 1 && only !== undefined && !/^(emb_params|clip_[lg]|string_to_param\b.*)$/.test(only.name) ? only.name : name;
  const family = FAMILY_BY_WIDTHS[vectors.map(({ width }) => width).join()];
  return ok({ path, name, fingerprint: file.fingerprint, file, token, vectors, family });
}

/** What the vectors for SDXL's two encoders are called: by most programs, and by older training scripts of diffusers. */
const SDXL_NAMES = [
  ['clip_l', 'clip_g'],
  ['text_encoders_0', 'text_encoders_1'],
] as const;

function findVectors({ tensors }: SafetensorsFile): SafetensorsEntry[] | undefined {
  const plain = tensors.get('emb_params');
  if (plain !== undefined) return [plain];
  for (const names of SDXL_NAMES) {
    const both = names.map((name) => tensors.get(name)).filter((entry) => entry !== undefined);
    if (both.length > 0) return both;
  }
  const [only] = tensors.values();
  return tensors.size === 1 && only !== undefined && only.shape.length <= 2 ? [only] : undefined;
}

function refuseOther(file: SafetensorsFile, path: string): Result<never> {
  const other = explainOtherTensors(file, path);
  const [what = `${path} is no embedding.`] = /^.*?\. /.exec(`${other.message} `) ?? [];
  return fail({ ...other, message: `${what.trim()} A textual inversion (embedding) is wanted here: choose such a .safetensors file.` });
}
