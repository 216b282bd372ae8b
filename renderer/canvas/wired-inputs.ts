import type { GraphDocument } from '../../graphs/document.ts';

const known = new WeakMap<GraphDocument['edges'], ReadonlyMap<string, ReadonlySet<string>>>();

/** The inputs and parameters that wires end in, by node; looked up once for each set of wires. */
export function wiredInputs(edges: GraphDocument['edges']): ReadonlyMap<string, ReadonlySet<string>> {
  const found = known.get(edges);
  if (found !== undefined) return found;
  const wired = new Map<string, Set<string>>();
  for (const { to } of Object.values(edges)) {
    const inputs = wired.get(to.node);
    if (inputs === undefined) wired.set(to.node, new Set([to.input]));
    else inputs.add(to.input);
  }
  known.set(edges, wired);
  return wired;
}
