import { existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { explainFileError } from '../models/file-error.ts';
import { listPacks } from '../models/packs/find-pack.ts';
import { readManifest } from '../models/packs/verify-pack.ts';
import type { ModelFacts } from '../nodes/facts.ts';
import type { Problem, Result } from '../nodes/problem.ts';
import type { FilePolicy } from './file-access.ts';

/** How many folders deep model folders are searched. */
const DEEPEST = 6;

/** Somebody who names a whole disk as a model folder still gets an answer. */
const MOST_VISITED = 20_000;

/** Files that people keep checkpoints in; those that are not opened are told why. */
const MODEL_FILE = /\.(safetensors|ckpt|pt|pth|gguf)$/i;

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

/** What a search for checkpoints found. */
export interface ModelList {
  readonly models: ListedModel[];
  /** About files that look like a checkpoint and can't be opened, pickles among them. */
  readonly problems: Problem[];
  /** About files in folders that are another kind of thing, such as LoRAs: people keep everything in one place. */
  readonly others: Problem[];
}

/**
 * Every checkpoint among the bundled packs and in the model folders (any of which may be a checkpoint itself), and sentences about
 * what is none. Links are followed inside of their model folder and never out of it.
 */
export async function listModels(
  { packsRoot, modelFolders }: ModelPlaces,
  readFacts: (path: string, configPath: string | null) => Promise<Result<ModelFacts>>,
): Promise<ModelList> {
  const models: ListedModel[] = [];
  const problems: Problem[] = [];
  const others: Problem[] = [];
  const add = async (path: string, name: string, bundled: boolean, isNamed = true): Promise<void> => {
    const facts = await readFacts(path, null);
    if (facts.ok) models.push({ name, path, label: facts.value.label, family: facts.value.family, bundled });
    else (facts.problem.code === 'model.wrongFamily' && !isNamed ? others : problems).push({ ...facts.problem, severity: 'warning' });
  };
  for (const pack of await listPacks(packsRoot)) {
    const manifest = await readManifest(join(packsRoot, pack));
    // Packs of another kind, such as upscalers, are chosen elsewhere.
    if (!manifest.ok || manifest.value.kind === 'checkpoint') await add(join(packsRoot, pack), pack, true);
  }
  const seen = new Set<string>();
  for (const folder of modelFolders) {
    const search = await findCheckpoints(folder);
    problems.push(...search.problems.map((one): Problem => ({ ...one, severity: 'warning' })));
    for (const path of search.found) {
      if (!seen.has(path)) await add(path, relative(folder, path) || path, false, path === folder);
      seen.add(path);
    }
  }
  return { models, problems, others };
}

/** What a search has come across. */
interface Search {
  /** The folder that it began in, links resolved; links are followed as long as they stay inside. */
  readonly root: string;
  readonly found: string[];
  readonly problems: Problem[];
  /** Real paths, so that each thing is found once and links in circles end. */
  readonly seen: Set<string>;
  visited: number;
}

/** Diffusers folders, and files outside of them whose names say that they are models, with what could not be looked into. */
async function findCheckpoints(place: string): Promise<Pick<Search, 'found' | 'problems'>> {
  const root = await realpath(place).catch(() => undefined);
  if (root === undefined) return { found: [], problems: [] };
  const search: Search = { root, found: [], problems: [], seen: new Set(), visited: 0 };
  // What is named itself is a model, whatever it is called.
  if ((await stat(root)).isDirectory()) await visitFolder(place, 0, search);
  else search.found.push(place);
  return search;
}

async function visitFolder(folder: string, depth: number, search: Search): Promise<void> {
  if (existsSync(join(folder, 'model_index.json'))) {
    search.found.push(folder);
    return;
  }
  if (depth > DEEPEST) return;
  try {
    for (const name of (await readdir(folder)).sort()) if (!name.startsWith('.')) await visit(join(folder, name), depth + 1, search);
  } catch (error) {
    search.problems.push(explainFileError(folder, error));
  }
}

async function visit(path: string, depth: number, search: Search): Promise<void> {
  if (++search.visited > MOST_VISITED) return;
  const real = await realpath(path).catch(() => undefined);
  // A link to nowhere is nobody's model, and one that leads out may lead to what nobody opened.
  if (real === undefined || !isInside(real, search.root) || search.seen.has(real)) return;
  search.seen.add(real);
  const found = await stat(real);
  if (found.isDirectory()) await visitFolder(path, depth, search);
  else if (found.isFile() && MODEL_FILE.test(path)) search.found.push(path);
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
