import type { ModelReference } from '../nodes/facts.ts';
import type { ParamSpec } from '../nodes/params.ts';
import type { Problem, Result } from '../nodes/problem.ts';
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
  if (schema === undefined) return { text: '', unknownFile: false, problem: undefined };
  let unknownFile = false;
  let problem: Problem | undefined;
  let text = `${schema.id}@${schema.version}`;
  for (const name in schema.params) {
    const spec = schema.params[name];
    if (spec === undefined) continue;
    const origin = ownValue(schema.inputs, name) === undefined ? entry.byInput.get(name)?.[0]?.origin : undefined;
    const value = origin === undefined ? storedParam(schema, entry.node.params, name) : params[name];
    text += origin === undefined ? `\n${name}=` : `\n${name}<${keyOf(origin)}.${origin.output}=`;
    const file = readsFile(spec) ? fingerprintOf(entry, spec, value, params, facts) : undefined;
    if (file === undefined) {
      if (origin === undefined) text += canonicalJson(spec.kind === 'seed' ? seedAsText(value) : value);
      else if (readsFile(spec)) unknownFile = true;
    } else if (file === 'unknown') {
      unknownFile = true;
      text += canonicalJson(value);
    } else if (file.ok) {
      text += canonicalJson({ fingerprint: file.value });
    } else {
      problem ??= { ...file.problem, nodeId: entry.id, socket: name, path: `nodes.${entry.id}.params.${name}` };
    }
  }
  for (const name in schema.inputs) {
    const wires = entry.byInput.get(name);
    if (wires === undefined) continue;
    text += `\n${name}<`;
    for (const { origin } of wires) if (origin !== undefined) text += `${keyOf(origin)}.${origin.output},`;
  }
  return { text, unknownFile, problem };
}

function readsFile(spec: ParamSpec): boolean {
  return spec.kind === 'model' || (spec.kind === 'file' && spec.holds === 'image');
}

/** The fingerprint of the file a parameter names; undefined when it names none, or which one comes through a wire later. */
function fingerprintOf(
  entry: IndexedNode,
  spec: ParamSpec,
  value: unknown,
  params: Readonly<Record<string, unknown>>,
  facts: Facts,
): Result<string> | 'unknown' | undefined {
  if (value === undefined || value === null) return undefined;
  // Values have passed refuseParam by now: inference leaves others out, and nodes with such stored values are blocked.
  const found =
    spec.kind === 'model'
      ? facts.modelFacts(value as ModelReference, configPathOf(entry, params))
      : typeof value === 'string'
        ? facts.imageFacts(value)
        : undefined;
  if (found === undefined) return 'unknown';
  return found.ok ? { ok: true, value: found.value.fingerprint } : found;
}

/** The folder of configs that goes with a node's model: its first parameter that holds a folder. */
function configPathOf(entry: IndexedNode, params: Readonly<Record<string, unknown>>): string | null {
  for (const [name, spec] of Object.entries(entry.schema?.params ?? {})) {
    const value = params[name];
    if (spec.kind === 'file' && spec.holds === 'folder') return typeof value === 'string' ? value : null;
  }
  return null;
}

/** 5 and "5" are the same seed. */
function seedAsText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(seedAsText);
  return typeof value === 'number' ? String(value) : value;
}
