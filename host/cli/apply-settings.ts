import { findNode, type GraphDocument, nodeId } from '../../graphs/document.ts';
import { suggestNames } from '../../graphs/nearest-names.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { refuseParam } from '../../nodes/params.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';

/** A graph with the settings of a command line in it. */
export interface AppliedSettings {
  readonly document: GraphDocument;
  /** Paths among the settings: whoever typed them means them, wherever they lie. */
  readonly trusted: readonly string[];
}

/** Applies `--set node.param=value`, one after another. */
export function applySettings(document: GraphDocument, registry: NodeRegistry, texts: readonly string[]): Result<AppliedSettings> {
  let current = document;
  const trusted: string[] = [];
  for (const text of texts) {
    const [, node, param, value] = /^([^=]+)\.([^.=]+)=(.*)$/s.exec(text) ?? [];
    if (node === undefined || param === undefined || value === undefined) {
      return fail('graph.invalidParam', `--set takes node.param=value, and got ${JSON.stringify(text)}.`);
    }
    const found = findNode(current, node);
    if (found === undefined)
      return fail('graph.noSuchNode', `--set: no node ${node}. ${suggestNames(node, Object.keys(current.nodes), 'nodes')}`);
    const spec = registry.get(found.type)?.params[param];
    if (spec === undefined) return fail('graph.unknownParam', `--set: ${node} has no parameter ${param}.`);
    const isText = spec.kind === 'text' || spec.kind === 'choice' || spec.kind === 'model' || spec.kind === 'file';
    const parsed: unknown = isText && !(spec.kind === 'model' && value.startsWith('{')) ? value : parse(value);
    const refusal = refuseParam(spec, parsed);
    if (refusal !== undefined) return fail('graph.invalidParam', `--set: ${spec.title} ${refusal}.`);
    if (spec.kind === 'file' || spec.kind === 'model') trusted.push(value);
    current = { ...current, nodes: { ...current.nodes, [nodeId(node)]: { ...found, params: { ...found.params, [param]: parsed } } } };
  }
  return ok({ document: current, trusted });
}

function parse(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
