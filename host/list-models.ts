import { type Dirent, existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { listPacks } from '../models/packs/find-pack.ts';
import type { ModelFacts } from '../nodes/facts.ts';
import type { Problem, Result } from '../nodes/problem.ts';
import type { FilePolicy } from './file-access.ts';

/** How many folders deep model folders are searched. */
const DEEPEST = 6;

/** A checkpoint that graphs may name. */
export interface ListedModel {
  readonly name: string;
  readonly path: string;
  readonly label: string;
  readonly family: string;
  readonly bundled: boolean;
}

/** Every checkpoint among the bundled packs and in the model folders, and sentences about files that look like one and can't be opened. */
export async function listModels(
  policy: FilePolicy,
  readFacts: (path: string, configPath: string | null) => Promise<Result<ModelFacts>>,
): Promise<{ models: ListedModel[]; problems: Problem[] }> {
  const models: ListedModel[] = [];
  const problems: Problem[] = [];
  const add = async (path: string, name: string, bundled: boolean): Promise<void> => {
    const facts = await readFacts(path, null);
    if (facts.ok) models.push({ name, path, label: facts.value.label, family: facts.value.family, bundled });
    else problems.push({ ...facts.problem, severity: 'warning' });
  };
  for (const pack of await listPacks(policy.packsRoot)) await add(join(policy.packsRoot, pack), pack, true);
  for (const folder of policy.modelFolders) {
    for (const path of await findCheckpoints(folder, 0)) await add(path, basename(path), false);
  }
  return { models, problems };
}

/** Diffusers folders, and single .safetensors files outside of them. Links are not followed. */
async function findCheckpoints(folder: string, depth: number): Promise<string[]> {
  if (existsSync(join(folder, 'model_index.json'))) return [folder];
  const entries: Dirent[] = depth > DEEPEST ? [] : await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith('.')) found.push(...(await findCheckpoints(path, depth + 1)));
    else if (entry.isFile() && entry.name.endsWith('.safetensors')) found.push(path);
  }
  return found;
}
