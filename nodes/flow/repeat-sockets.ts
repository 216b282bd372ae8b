/** The values that a repetition carries from turn to turn, by the names of their sockets. */
export const CARRIED = ['first', 'second', 'third', 'fourth'] as const;

const TITLES = { first: 'First', second: 'Second', third: 'Third', fourth: 'Fourth' } as const;

function carriedSocket<N extends (typeof CARRIED)[number]>(name: N, doc: string) {
  return { type: 'any', title: TITLES[name], doc } as const;
}

/** Inputs for the carried values; the first is needed, the others may stay unwired. */
export function carriedInputs(doc: string) {
  return {
    first: carriedSocket('first', doc),
    second: { ...carriedSocket('second', doc), optional: true },
    third: { ...carriedSocket('third', doc), optional: true },
    fourth: { ...carriedSocket('fourth', doc), optional: true },
  } as const;
}

/** Outputs for the carried values. */
export function carriedOutputs(doc: string) {
  return {
    first: carriedSocket('first', doc),
    second: carriedSocket('second', doc),
    third: carriedSocket('third', doc),
    fourth: carriedSocket('fourth', doc),
  } as const;
}

/** Carried values as outputs: what is not wired is nothing, which is null. */
export function passCarried(values: { readonly [N in (typeof CARRIED)[number]]?: unknown }) {
  const { first = null, second = null, third = null, fourth = null } = values;
  return { first, second, third, fourth };
}
