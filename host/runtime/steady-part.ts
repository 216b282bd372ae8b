import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';

/** The part of a network that need not run again while its inputs are the very same tensors. */
export interface SteadyPart {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Its results for these feeds, of which it takes its own. */
  values(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

/** Results are kept for as long as whoever made the first input keeps it. */
export function createSteadyPart(session: InferenceSession): SteadyPart {
  type Known = { readonly given: readonly OrtTensor[]; readonly values: Readonly<Record<string, OrtTensor>> };
  const known = new WeakMap<OrtTensor, Known>();
  const { inputNames, outputNames } = session;
  return {
    inputNames,
    outputNames,
    async values(feeds) {
      const own = Object.fromEntries(Object.entries(feeds).filter(([name]) => inputNames.includes(name)));
      const given = Object.values(own);
      const [first] = given;
      const before = first === undefined ? undefined : known.get(first);
      if (before?.given.every((tensor, at) => tensor === given[at])) return before.values;
      const values = await session.run(own);
      if (first !== undefined) known.set(first, { given, values });
      return values;
    },
    release: () => session.release(),
  };
}
