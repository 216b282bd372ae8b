import Fuse from 'fuse.js';
import type { NodeSchema } from '../../host/describe-node.ts';

/** Finds nodes by what people remember of them. */
export interface NodeSearch {
  /** Best first; everything in its order when nothing is asked. */
  find(query: string): readonly NodeSchema[];
}

/** A fuzzy search over titles first, then categories, ids and summaries. */
export function createNodeSearch(schemas: readonly NodeSchema[]): NodeSearch {
  const fuse = new Fuse(schemas, {
    keys: [
      { name: 'title', weight: 5 },
      { name: 'initials', weight: 3, getFn: ({ title }) => title.replace(/\B\w|\W/g, '') },
      { name: 'id', weight: 2 },
      { name: 'category', weight: 2 },
      { name: 'summary', weight: 1 },
    ],
    threshold: 0.36,
    ignoreLocation: true,
    ignoreDiacritics: true,
  });
  return { find: (query) => (query.trim() === '' ? schemas : fuse.search(query.trim()).map(({ item }) => item)) };
}
