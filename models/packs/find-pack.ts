import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';

/** Names that can be a pack's: they never leave the packs' folder. */
const PACK_NAME = /^[a-z0-9][a-z0-9-]*$/;

/** True if a model reference can only mean a bundled pack, not a path. */
export function isPackName(name: string): boolean {
  return PACK_NAME.test(name);
}

/** The folder of a bundled pack; `packsRoot` is the packs folder inside the one that `findModelsRoot` gives. */
export async function findPack(name: string, packsRoot: string): Promise<Result<string>> {
  const folder = join(packsRoot, name);
  if (isPackName(name) && existsSync(join(folder, 'manifest.json'))) return ok(folder);
  const known = (await listPacks(packsRoot)).join(', ');
  return fail('model.missing', `There is no bundled model ${JSON.stringify(name)}. Bundled are: ${known || 'none'}; any other model is named by its path.`);
}

/** The names of all bundled packs, sorted. */
export async function listPacks(packsRoot: string): Promise<string[]> {
  if (!existsSync(packsRoot)) return [];
  const names = await readdir(packsRoot);
  return names.filter((name) => existsSync(join(packsRoot, name, 'manifest.json'))).sort();
}
