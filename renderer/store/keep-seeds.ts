import { z } from 'zod';
import type { KeyedStore } from './keyed-store.ts';

/** Seeds that are remembered of one parameter, newest first. */
export const MOST_SEEDS = 20;
/** Parameters that are remembered, of all documents; those that ran longest ago make room. */
const MOST_PARAMS = 400;

const NAME = 'emulsion.seeds';

/** By key, as in the store; a list of pairs keeps the order, whatever the keys look like. */
const keptSchema = z.array(z.tuple([z.string(), z.array(z.string()).max(MOST_SEEDS)]));
type Kept = z.infer<typeof keptSchema>;

/** Fills a store of used seeds with those of earlier windows, and remembers from now on what is put there. Damaged notes count as none. */
export function keepSeeds(seeds: KeyedStore<readonly string[]>, storage: Pick<Storage, 'getItem' | 'setItem'>): void {
  for (const [key, used] of readKept(storage)) seeds.set(key, used);
  seeds.subscribeAll((key) => {
    const used = seeds.get(key);
    if (used === undefined) return;
    // Read anew: other windows remember here, too.
    const kept = readKept(storage);
    const before = kept.find(([other]) => other === key)?.[1] ?? [];
    const all = [...new Set([...used, ...before])].slice(0, MOST_SEEDS);
    const others = kept.filter(([other]) => other !== key).slice(1 - MOST_PARAMS);
    try {
      storage.setItem(NAME, JSON.stringify([...others, [key, all]]));
    } catch {
      // A browser that keeps nothing for the page: the seeds last for as long as the page does.
    }
  });
}

function readKept(storage: Pick<Storage, 'getItem'>): Kept {
  try {
    return keptSchema.parse(JSON.parse(storage.getItem(NAME) ?? '[]'));
  } catch {
    return [];
  }
}
