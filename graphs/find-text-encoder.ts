import type { NodeRegistry } from '../nodes/define-node.ts';
import type { ModelReference } from '../nodes/facts.ts';
import type { TextReader } from '../nodes/params.ts';
import type { GraphDocument, NodeId } from './document.ts';
import { type IndexedNode, indexGraph, type ValueOrigin } from './index-graph.ts';
import { ownValue } from './own-value.ts';
import { resolveOrigins, sortNodes } from './sort-nodes.ts';
import { storedParam } from './stored-param.ts';

/** A text of a graph with the text encoder that will read it. */
export interface FoundTextEncoder {
  readonly text: string;
  readonly syntax: 'plain' | 'weights';
  /** Which of the model's encoders. */
  readonly encoder: number;
  readonly model: ModelReference;
  /** Where the configs of a single file come from. */
  readonly configPath: string | null;
}

/**
 * The encoder that reads a text parameter: the one wired to its node, or to the first node that the text is wired into. Undefined where
 * no model is wired, or only the run will know which.
 */
export function findTextEncoder(document: GraphDocument, registry: NodeRegistry, id: NodeId, param: string): FoundTextEncoder | undefined {
  const { nodes } = indexGraph(document, registry);
  const { order } = sortNodes(nodes.values());
  resolveOrigins(order);
  const entry = nodes.get(id);
  if (entry === undefined) return undefined;
  const text = textOf(entry, param);
  const found = findReader(order, entry, param);
  if (text === undefined || found === undefined) return undefined;
  const { reader, node } = found;
  const loader = findLoader(node.byInput.get(reader.input)?.[0]?.origin);
  if (loader === undefined) return undefined;
  const syntax = storedParam(node.schema ?? { params: {} }, node.node.params, reader.syntax) === 'weights' ? 'weights' : 'plain';
  return { text, syntax, encoder: reader.encoder, ...loader };
}

function textOf(entry: IndexedNode, param: string): string | undefined {
  if (entry.schema === undefined || ownValue(entry.schema.params, param) === undefined || entry.byInput.has(param)) return undefined;
  const value = storedParam(entry.schema, entry.node.params, param);
  return typeof value === 'string' ? value : undefined;
}

function readerOf(entry: IndexedNode, param: string): TextReader | undefined {
  const spec = ownValue(entry.schema?.params, param);
  return spec?.kind === 'text' ? spec.readBy : undefined;
}

/** The text's own node, or a node that is given the text through a wire. */
function findReader(
  order: readonly IndexedNode[],
  entry: IndexedNode,
  param: string,
): { readonly reader: TextReader; readonly node: IndexedNode } | undefined {
  const own = readerOf(entry, param);
  if (own !== undefined) return { reader: own, node: entry };
  for (const node of order) {
    for (const wire of node.wires) {
      const reader = wire.origin?.node === entry && !node.bypassed ? readerOf(node, wire.input) : undefined;
      if (reader !== undefined) return { reader, node };
    }
  }
  return undefined;
}

/** Upwards from a text encoder to the node that opens its model, through nodes that pass it on changed. */
function findLoader(from: ValueOrigin | undefined): Pick<FoundTextEncoder, 'model' | 'configPath'> | undefined {
  const seen = new Set<IndexedNode>();
  for (let origin = from; origin !== undefined && !seen.has(origin.node); ) {
    const { node } = origin;
    const { schema } = node;
    if (schema === undefined) return undefined;
    seen.add(node);
    const model = Object.entries(schema.params).find(([, spec]) => spec.kind === 'model' && spec.holds === undefined)?.[0];
    if (model !== undefined) return readLoader(node, model);
    const inputs = Object.entries(schema.inputs);
    const passed = ['textEncoder', 'any', 'model'].flatMap((kind) => inputs.filter(([, { type }]) => type === kind));
    origin = passed.map(([input]) => node.byInput.get(input)?.[0]?.origin).find((one) => one !== undefined);
  }
  return undefined;
}

function readLoader(node: IndexedNode, param: string): Pick<FoundTextEncoder, 'model' | 'configPath'> | undefined {
  const params = node.schema?.params ?? {};
  const config = Object.entries(params).find(([, spec]) => spec.kind === 'file' && spec.holds === 'folder')?.[0];
  if (node.byInput.has(param) || (config !== undefined && node.byInput.has(config))) return undefined;
  const model = storedParam({ params }, node.node.params, param);
  const configPath = config === undefined ? null : storedParam({ params }, node.node.params, config);
  if (model === null || model === undefined || (typeof configPath !== 'string' && configPath !== null)) return undefined;
  return { model: model as ModelReference, configPath }; // what else stands there is refused when it is looked for
}
