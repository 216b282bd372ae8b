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
    ],
    threshold: 0.3,
    ignoreLocation: true,
    ignoreDiacritics: true,
  });
  return {
    find(query) {
      const wanted = query.trim().toLowerCase();
      if (wanted === '') return schemas;
      const found = fuse.search(wanted).map(({ item }) => item);
      const known = new Set(found);
      // Whole sentences hold nearly every few letters somewhere, so only what is spelled out in them counts.
      return [...found, ...schemas.filter((one) => !known.has(one) && one.summary.toLowerCase().includes(wanted))];
    },
  };
}
