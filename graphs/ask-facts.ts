import type { ModelReference } from '../nodes/facts.ts';
import type { ParamSpec } from '../nodes/params.ts';
import { ok, type Result } from '../nodes/problem.ts';
import type { Facts } from './file-facts.ts';
import type { IndexedNode } from './index-graph.ts';

/** True for parameters whose value names a file that a node's outputs depend on. */
export function readsFile(spec: ParamSpec): boolean {
  return spec.kind === 'model' || (spec.kind === 'file' && spec.holds === 'image');
}

/**
 * The fingerprint of the file that a parameter names, null when it is left open, undefined when it is not known: the file has not
 * been looked at, or which one it is comes through a wire. `params` are the node's values as far as they are known.
 */
export function askFingerprint(
  entry: IndexedNode,
  name: string,
  spec: ParamSpec,
  params: Readonly<Record<string, unknown>>,
  facts: Facts,
): Result<string | null> | undefined {
  const value = params[name];
  if (value === undefined) return undefined;
  if (value === null) return ok(null);
  const found = askFacts(entry, spec, value, params, facts);
  return found?.ok ? ok(found.value.fingerprint) : found;
}

function askFacts(
  entry: IndexedNode,
  spec: ParamSpec,
  value: unknown,
  params: Readonly<Record<string, unknown>>,
  facts: Facts,
): Result<{ readonly fingerprint: string }> | undefined {
  // Known values have passed refuseParam, which says what a model or file parameter holds.
  if (spec.kind !== 'model') return facts.imageFacts(value as string);
  if (spec.holds !== undefined) return facts.addOnFacts(spec.holds, value as ModelReference); // as above
  const configPath = configPathOf(entry, params);
  return configPath === undefined ? undefined : facts.modelFacts(value as ModelReference, configPath); // as above
}

/** The folder of configs that goes with a node's model: its first parameter that holds a folder. Undefined: not known. */
function configPathOf(entry: IndexedNode, params: Readonly<Record<string, unknown>>): string | null | undefined {
  for (const [name, spec] of Object.entries(entry.schema?.params ?? {})) {
    if (spec.kind !== 'file' || spec.holds !== 'folder') continue;
    const value = params[name];
    return typeof value === 'string' || value === null ? value : undefined;
  }
  return null;
}
