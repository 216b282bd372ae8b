import type { Problem } from '../nodes/problem.ts';
import { askFingerprint, readsFile } from './ask-facts.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Facts } from './file-facts.ts';
import type { IndexedNode, ValueOrigin } from './index-graph.ts';
import { ownValue } from './own-value.ts';
import { storedParam } from './stored-param.ts';

/** What a node's key is made of, before hashing. */
export interface KeyText {
  readonly text: string;
  /** A file it reads has not been looked at, so nobody knows whether a kept result would still be right. */
  readonly unknownFile: boolean;
  readonly problem: Problem | undefined;
}

/**
 * Everything that a node's outputs depend on, in one unambiguous text: type and version of its definition, parameters (files and
 * models by what is in them, so that moving one changes nothing), and the keys and names of the outputs that feed it. Titles,
 * layout and the node's own id are not in it: equal work has equal keys.
 */
export function keyText(
  entry: IndexedNode,
  keyOf: (origin: ValueOrigin) => string,
  /** Values as far as known, those from wires included. */
  params: Readonly<Record<string, unknown>>,
  facts: Facts,
): KeyText {
  const { schema } = entry;
  let text = `${schema?.id}@${schema?.version}`;
  let unknownFile = false;
  let problem: Problem | undefined;
  for (const name in schema?.params) {
    const spec = schema.params[name];
    if (spec === undefined) continue;
    const origin = ownValue(schema.inputs, name) === undefined ? entry.byInput.get(name)?.[0]?.origin : undefined;
    text += origin === undefined ? `\n${name}=` : `\n${name}<${keyOf(origin)}.${origin.output}=`;
    if (!readsFile(spec)) {
      if (origin !== undefined) continue;
      const value = storedParam(schema, entry.node.params, name);
      text += canonicalJson(spec.kind === 'seed' ? seedAsText(value) : value);
      continue;
    }
    const fingerprint = askFingerprint(entry, name, spec, params, facts);
    if (fingerprint === undefined) {
      unknownFile = true;
      text += canonicalJson(params[name] ?? null);
    } else if (fingerprint.ok) {
      text += canonicalJson({ fingerprint: fingerprint.value });
    } else {
      problem ??= { ...fingerprint.problem, nodeId: entry.id, socket: name, path: `nodes.${entry.id}.params.${name}` };
    }
  }
  for (const name in schema?.inputs) {
    const wires = entry.byInput.get(name);
    if (wires === undefined) continue;
    text += `\n${name}<`;
    for (const { origin } of wires) if (origin !== undefined) text += `${keyOf(origin)}.${origin.output},`;
  }
  return { text, unknownFile, problem };
}

/** 5 and "5" are the same seed. */
function seedAsText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(seedAsText);
  return typeof value === 'number' ? String(value) : value;
}
