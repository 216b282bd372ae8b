import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { listPacks } from '../models/packs/find-pack.ts';
import { readManifest } from '../models/packs/verify-pack.ts';
import type { ModelFacts } from '../nodes/facts.ts';
import type { Problem, Result } from '../nodes/problem.ts';
import type { FilePolicy } from './file-access.ts';

/** How many folders deep model folders are searched. */
const DEEPEST = 6;

/** Where checkpoints are looked for. */
export type ModelPlaces = Pick<FilePolicy, 'packsRoot' | 'modelFolders'>;

/** A checkpoint that graphs may name. */
export interface ListedModel {
  /** What a graph calls it: from its model folder, if it lies in one. */
  readonly name: string;
  readonly path: string;
  readonly label: string;
  readonly family: string;
  readonly bundled: boolean;
}

/**
 * Every checkpoint among the bundled packs and in the model folders (any of which may be a checkpoint itself), and sentences about
 * files that look like one and can't be opened.
 */
export async function listModels(
  { packsRoot, modelFolders }: ModelPlaces,
  readFacts: (path: string, configPath: string | null) => Promise<Result<ModelFacts>>,
): Promise<{ models: ListedModel[]; problems: Problem[] }> {
  const models: ListedModel[] = [];
  const problems: Problem[] = [];
  const add = async (path: string, name: string, bundled: boolean): Promise<void> => {
    const facts = await readFacts(path, null);
    if (facts.ok) models.push({ name, path, label: facts.value.label, family: facts.value.family, bundled });
    else problems.push({ ...facts.problem, severity: 'warning' });
  };
  for (const pack of await listPacks(packsRoot)) {
    const manifest = await readManifest(join(packsRoot, pack));
    // Packs of another kind, such as upscalers, are chosen elsewhere.
    if (!manifest.ok || manifest.value.kind === 'checkpoint') await add(join(packsRoot, pack), pack, true);
  }
  const seen = new Set<string>();
  for (const folder of modelFolders) {
    for (const path of await findCheckpoints(folder)) {
      if (!seen.has(path)) await add(path, relative(folder, path) || path, false);
      seen.add(path);
    }
  }
  return { models, problems };
}

/** Diffusers folders, and single .safetensors files outside of them. Links inside are not followed. */
async function findCheckpoints(place: string): Promise<string[]> {
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory()) return searchFolder(place, 0);
  return found?.isFile() ? [place] : [];
}

async function searchFolder(folder: string, depth: number): Promise<string[]> {
  if (existsSync(join(folder, 'model_index.json'))) return [folder];
  const entries = depth > DEEPEST ? [] : await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith('.')) found.push(...(await searchFolder(path, depth + 1)));
    else if (entry.isFile() && entry.name.endsWith('.safetensors')) found.push(path);
  }
  return found;
}
