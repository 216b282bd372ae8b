import { fail, ok, type Result } from '../../nodes/problem.ts';

/** Values by input or wired parameter, as they arrive. */
export type Arrivals = Readonly<Record<string, unknown>>;

/** How many list axes are walked, by input. */
export type Walks = Readonly<Record<string, number>>;

/** How often a node will be evaluated. Uneven lists count as far as they agree. */
export function countItems(arrivals: Arrivals, walks: Walks): number {
  const length = walkedLength(arrivals, walks);
  if (length === undefined) return 1;
  const inner = stepInto(walks);
  let count = 0;
  for (let item = 0; item < length; item++) count += countItems(pickItem(arrivals, walks, item), inner);
  return count;
}

/**
 * Evaluates a node for every item of the lists wired into its single-valued inputs. Outermost axes are walked together and come out
 * again around every output. `explain` makes the sentence for lists of different lengths.
 */
export async function mapOverLists(
  arrivals: Arrivals,
  walks: Walks,
  outputNames: readonly string[],
  evaluate: (inputs: Arrivals) => Promise<Result<Readonly<Record<string, unknown>>>>,
  explain: (lengths: Readonly<Record<string, number>>) => string,
): Promise<Result<Readonly<Record<string, unknown>>>> {
  const lengths = walkedLengths(arrivals, walks);
  const [length] = Object.values(lengths);
  if (length === undefined) return evaluate(arrivals);
  if (Object.values(lengths).some((one) => one !== length)) return fail('node.invalidInput', explain(lengths));
  const inner = stepInto(walks);
  const outputs: Record<string, unknown[]> = Object.fromEntries(outputNames.map((name) => [name, []]));
  for (let item = 0; item < length; item++) {
    const one = await mapOverLists(pickItem(arrivals, walks, item), inner, outputNames, evaluate, explain);
    if (!one.ok) return one;
    for (const name of outputNames) outputs[name]?.push(one.value[name]);
  }
  return ok(outputs);
}

function walkedLengths(arrivals: Arrivals, walks: Walks): Record<string, number> {
  const lengths: Record<string, number> = {};
  for (const [input, axes] of Object.entries(walks)) {
    const value = arrivals[input];
    if (axes > 0 && Array.isArray(value)) lengths[input] = value.length;
  }
  return lengths;
}

function walkedLength(arrivals: Arrivals, walks: Walks): number | undefined {
  const lengths = Object.values(walkedLengths(arrivals, walks));
  return lengths.length === 0 ? undefined : Math.min(...lengths);
}

function pickItem(arrivals: Arrivals, walks: Walks, item: number): Arrivals {
  const picked: Record<string, unknown> = { ...arrivals };
  for (const [input, axes] of Object.entries(walks)) {
    const value = arrivals[input];
    if (axes > 0 && Array.isArray(value)) picked[input] = value[item];
  }
  return picked;
}

function stepInto(walks: Walks): Walks {
  return Object.fromEntries(Object.entries(walks).map(([input, axes]) => [input, Math.max(0, axes - 1)]));
}
