import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fail, type Result } from '../../nodes/problem.ts';
import { explainFileError } from '../file-error.ts';
import { findModelsRoot } from '../models-root.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openDiffusersFolder } from './diffusers-folder.ts';
import { isOnnxFolder, openOnnxFolder } from './onnx-folder.ts';
import { openSingleFile } from './single-file.ts';

/** How a checkpoint is to be opened. */
export interface OpenCheckpointOptions {
  /** A diffusers folder whose configs and tokenizers go with a single file. */
  readonly config?: string;
  /** The package's models folder, if it is not the one above this code. */
  readonly modelsRoot?: string;
}

/**
 * Opens a checkpoint, a diffusers folder (of safetensors or ONNX) or a single safetensors file, by reading headers and configs only. What is missing, broken or
 * of another kind comes back as a sentence that names file and remedy.
 */
export async function openCheckpoint(path: string, options: OpenCheckpointOptions = {}): Promise<Result<Checkpoint>> {
  const full = resolve(path);
  const modelsRoot = options.modelsRoot ?? findModelsRoot();
  try {
    const found = await stat(full);
    if (!found.isDirectory())
      return await openSingleFile(full, modelsRoot, options.config === undefined ? undefined : resolve(options.config));
    if (options.config !== undefined) {
      return fail(
        'model.config',
        `${path} is a folder and brings its own configs, so the configs of ${options.config} cannot go with it. Leave them out.`,
      );
    }
    return await (isOnnxFolder(full) ? openOnnxFolder : openDiffusersFolder)(full, modelsRoot);
  } catch (error) {
    return fail(explainFileError(path, error));
  }
}
