/** Where new ids come from. The same commands in the same order get the same ids. */
export interface IdSource {
  /** An id like `base` that is not taken. */
  next(base: string, isTaken: (id: string) => boolean): string;
}

const LONGEST_BASE = 160;

/** Readable ids: `sampler`, `sampler2`, `sampler3`, … Remembers how far it has counted, so that many in a row stay cheap. */
export function createIdSource(): IdSource {
  const counted = new Map<string, number>();
  return {
    next(base, isTaken) {
      const start = base.slice(0, LONGEST_BASE);
      for (let count = counted.get(start) ?? 1; ; count++) {
        const id = count === 1 ? start : `${start}${count}`;
        if (isTaken(id)) continue;
        counted.set(start, count + 1);
        return id;
      }
    },
  };
}
