import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';

/** The part of a network that need not run again while its inputs are the very same tensors. */
export interface SteadyPart {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Its results for these feeds, of which it takes its own; at once where it has them. */
  values(feeds: Feeds): Feeds | Promise<Feeds>;
  release(): Promise<void>;
}

type Feeds = Readonly<Record<string, OrtTensor>>;

/** Results are kept for as long as whoever made the first input keeps it. */
export function createSteadyPart(session: InferenceSession): SteadyPart {
  const known = new WeakMap<OrtTensor, { readonly own: Feeds; readonly values: Feeds }>();
  const { inputNames, outputNames } = session;
  const [firstName = ''] = inputNames;
  const compute = async (feeds: Feeds): Promise<Feeds> => {
    const own = Object.fromEntries(Object.entries(feeds).filter(([name]) => inputNames.includes(name)));
    const values = await session.run(own);
    const first = own[firstName];
    if (first !== undefined) known.set(first, { own, values });
    return values;
  };
  return {
    inputNames,
    outputNames,
    values(feeds) {
      const first = feeds[firstName];
      const before = first === undefined ? undefined : known.get(first);
      return before !== undefined && inputNames.every((name) => before.own[name] === feeds[name]) ? before.values : compute(feeds);
    },
    release: () => session.release(),
  };
}
