import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listTemplates } from './load-graph.ts';

/** A shipped example graph. */
export interface LoadedTemplate {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The text of its file. */
  readonly graph: string;
  /** WebP: what running it gives, small; null where there is none. */
  readonly thumbnail: Uint8Array | null;
}

/** Reads all templates; their title and description are in their `meta`. */
export async function loadTemplates(templatesFolder: string): Promise<LoadedTemplate[]> {
  const names = await listTemplates(templatesFolder);
  return Promise.all(
    names.map(async (name) => {
      const graph = await readFile(join(templatesFolder, `${name}.json`), 'utf8');
      const { meta = {} }: { meta?: { title?: string; description?: string } } = JSON.parse(graph);
      const thumbnail = await readFile(join(templatesFolder, 'pictures', 'thumbs', `${name}.webp`)).catch(() => null);
      return {
        name,
        title: meta.title ?? name,
        description: meta.description ?? '',
        graph,
        thumbnail: thumbnail === null ? null : new Uint8Array(thumbnail),
      };
    }),
  );
}
