import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { GraphDocument } from '../graphs/document.ts';
import { nearestNames } from '../graphs/nearest-names.ts';
import { readGraph } from '../graphs/read-graph.ts';
import { explainFileError } from '../models/file-error.ts';
import type { NodeRegistry } from '../nodes/define-node.ts';
import { fail, ok, type Problem, type Result } from '../nodes/problem.ts';
import { explainSize, readGraphText } from './read-graph-text.ts';

/** A graph as it was asked for on a command line or in a call. */
export interface LoadedGraph {
  readonly document: GraphDocument;
  /** Where its relative paths start: the folder of the file it came from. */
  readonly folder: string;
  /** What reading it found; the graph may still be usable. */
  readonly problems: readonly Problem[];
}

/** Loads a graph file, the graph inside a picture, or a template by its name. */
export async function loadGraph(source: string, registry: NodeRegistry, templatesFolder: string): Promise<Result<LoadedGraph>> {
  const text = await findGraphText(source, templatesFolder);
  if (!text.ok) return text;
  const read = readGraph(text.value.text, registry);
  if (read.document === undefined) {
    const [first] = read.problems;
    return fail(first === undefined ? 'graph.damaged' : first.code, `${source}: ${first?.message ?? 'nothing of it can be read.'}`);
  }
  return ok({ document: read.document, folder: text.value.folder, problems: read.problems });
}

/** The names of the shipped templates, sorted. */
export async function listTemplates(templatesFolder: string): Promise<string[]> {
  const names = await readdir(templatesFolder).catch(() => []);
  return names
    .filter((name) => extname(name) === '.json')
    .map((name) => basename(name, '.json'))
    .sort();
}

async function findGraphText(source: string, templatesFolder: string): Promise<Result<{ text: string; folder: string }>> {
  if (source === '') {
    return fail(
      'contract.refused',
      'No graph is named. Name a graph file, a template (emulsion templates), or a picture that carries its graph.',
    );
  }
  const path = resolve(source);
  let bytes: Buffer;
  try {
    const found = await stat(path);
    // A folder of pictures is often named for the template that drew them.
    if (found.isDirectory() && (await listTemplates(templatesFolder)).includes(source)) return readTemplate(source, templatesFolder);
    if (found.isDirectory())
      return fail('file.unsupported', `${source} is a folder where a graph file is wanted. Name the file inside it.`);
    if (!found.isFile())
      return fail('file.unsupported', `${source} is not a regular file. Name a graph (.json) or a picture that carries one.`);
    const excess = explainSize(source, found.size);
    if (excess !== undefined) return fail('file.unsupported', excess);
    bytes = await readFile(path);
  } catch (error) {
    const problem = explainFileError(source, error);
    return problem.code === 'file.missing' ? readTemplate(source, templatesFolder) : fail(problem);
  }
  const text = readGraphText(source, bytes);
  return text.ok ? ok({ text: text.value, folder: dirname(path) }) : text;
}

async function readTemplate(name: string, templatesFolder: string): Promise<Result<{ text: string; folder: string }>> {
  const known = await listTemplates(templatesFolder);
  if (known.includes(name)) return ok({ text: await readFile(join(templatesFolder, `${name}.json`), 'utf8'), folder: templatesFolder });
  const near = nearestNames(name, known);
  const advice = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Templates are: ${known.join(', ') || 'none'}.`;
  return fail('file.missing', `There is no file and no template ${name}. ${advice}`);
}
