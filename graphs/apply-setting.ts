import type { NodeRegistry } from '../nodes/define-node.ts';
import type { ParamSpec } from '../nodes/params.ts';
import { fail, ok, type Result } from '../nodes/problem.ts';
import { requireSchema } from './commands/draft-access.ts';
import { findParam } from './commands/set-param.ts';
import { edgeEntries, type GraphDocument, nodeId } from './document.ts';
import { explainValue } from './explain-value.ts';
import { nodeName, quote } from './node-name.ts';
import { ownValue } from './own-value.ts';

/** A document with one setting applied. */
export interface AppliedSetting {
  readonly document: GraphDocument;
  /** Models and files that the setting names: whoever typed it may use them, wherever they lie. */
  readonly trusted: readonly string[];
}

/**
 * Applies what a person wrote as `--set node.param=value`. The value is read by the parameter's kind: text as it stands, `null`
 * where a parameter may be left open, numbers, true and false, seeds as digits or a list of them, models and schedulers as a name
 * or a JSON object. Refused with the nearest names where the node or parameter does not exist.
 */
export function applySetting(document: GraphDocument, registry: NodeRegistry, setting: string): Result<AppliedSetting> {
  const equals = setting.indexOf('=');
  const place = equals < 0 ? '' : setting.slice(0, equals).trim();
  // Ids may hold dots, names of parameters don't.
  const dot = place.lastIndexOf('.');
  if (dot <= 0 || dot === place.length - 1) {
    const sentence = `A setting is written node.param=value, for example positive.prompt=a red apple, and this one is ${quote(setting)}.`;
    return fail('graph.commandRefused', sentence);
  }
  const [id, param] = [nodeId(place.slice(0, dot)), place.slice(dot + 1)];
  const found = findParam(document, { registry, node: id, param });
  if (!found.ok) return found;
  const { spec, name } = found.value;
  const where = { nodeId: id, socket: param, path: `nodes.${id}.params.${param}` };
  const wired = edgeEntries(document).find(([, edge]) => edge.to.node === id && edge.to.input === param);
  if (wired !== undefined) {
    const source = ownValue(document.nodes, wired[1].from.node);
    const from = source ? nodeName(wired[1].from.node, source, registry.get(source.type)) : quote(wired[1].from.node);
    const sentence = `${name}: ${spec.title} is wired to ${from}, so a value set here would not be used. Set it there, or remove the wire.`;
    return fail('graph.commandRefused', sentence, where);
  }
  const value = readValue(spec, setting.slice(equals + 1));
  const refusal = explainValue(spec, value);
  if (refusal !== undefined) return fail('graph.invalidParam', `${name}: ${spec.title} ${refusal}.`, where);
  const node = requireSchema(document, registry, id);
  if (!node.ok) return node;
  const changed = { ...node.value.node, params: { ...node.value.node.params, [param]: value } };
  return ok({ document: { ...document, nodes: { ...document.nodes, [id]: changed } }, trusted: namedFiles(spec, value) });
}

/** The value that a text stands for; what it can't be read as stays text, and is refused as such. */
function readValue(spec: ParamSpec, text: string): unknown {
  if (spec.default === null && text === 'null') return null;
  switch (spec.kind) {
    case 'int':
    case 'number':
      return /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'seed':
      return readSeed(text.trim());
    case 'model':
    case 'scheduler':
      return text.trimStart().startsWith('{') ? readRecord(text) : text;
    case 'text':
    case 'color':
    case 'choice':
    case 'file':
      return text;
    default:
      return spec satisfies never;
  }
}

/** A list stays a list of texts: as JSON numbers, seeds beyond 2^53 would lose digits. */
function readSeed(text: string): unknown {
  if (!text.startsWith('[') || !text.endsWith(']')) return text;
  return text
    .slice(1, -1)
    .split(',')
    .map((one) => one.trim().replace(/^"(.*)"$/, '$1'));
}

/** A JSON object; the text itself where it is none, since scheduler configs that Python wrote hold a bare Infinity. */
function readRecord(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function namedFiles(spec: ParamSpec, value: unknown): string[] {
  if (spec.kind !== 'model' && spec.kind !== 'file') return [];
  if (typeof value === 'string') return [value];
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
  return typeof name === 'string' ? [name] : [];
}
