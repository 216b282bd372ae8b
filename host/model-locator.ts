import { isAbsolute, join } from 'node:path';
import { findPack, isPackName } from '../models/packs/find-pack.ts';
import type { ModelReference } from '../nodes/facts.ts';
import { fail, type Result } from '../nodes/problem.ts';
import { type FilePolicy, resolveReadable } from './file-access.ts';

/** What a checkpoint's name may lack. */
const ENDINGS = ['', '.safetensors'];

/**
 * The absolute path of the checkpoint that a reference means: a bundled pack by its name, else a path (from the graph's folder, then
 * the working folder), else a name in one of the model folders. Only what this run may read is found.
 */
export async function locateModel(reference: ModelReference, policy: FilePolicy): Promise<Result<string>> {
  const name = typeof reference === 'string' ? reference : reference.name;
  if (isPackName(name)) {
    const pack = await findPack(name, policy.packsRoot);
    if (pack.ok) return pack;
  }
  const direct = await resolveReadable(name, policy);
  if (direct.ok || isAbsolute(name)) return direct;
  for (const folder of policy.modelFolders) {
    for (const ending of ENDINGS) {
      const found = await resolveReadable(join(folder, name + ending), policy);
      if (found.ok) return found;
    }
  }
  if (direct.problem.code !== 'file.missing') return direct;
  return explainMissing(name, policy);
}

async function explainMissing(name: string, policy: FilePolicy): Promise<Result<never>> {
  const looked = [...policy.baseFolders, ...policy.modelFolders].join(', ');
  const pack = isPackName(name) ? await findPack(name, policy.packsRoot) : undefined;
  const bundled = pack?.ok === false ? ` ${pack.problem.message}` : '';
  return fail('model.missing', `There is no model “${name}” in ${looked}.${bundled} Name its path, or the folder it is in with --models.`);
}
