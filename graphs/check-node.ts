import type { NodeRegistry } from '../nodes/define-node.ts';
import { type Problem, problem } from '../nodes/problem.ts';
import { explainValue } from './explain-value.ts';
import { type IndexedNode, nameOf } from './index-graph.ts';
import { nearestNames, suggestNames } from './nearest-names.ts';
import { listNames, quote, shorten, socketTitle } from './node-name.ts';
import { ownValue } from './own-value.ts';
import type { Cycle } from './sort-nodes.ts';

/** Everything certainly wrong with a node by itself: its type, version, parameters and number of wires. Types are not looked at. */
export function checkNode(entry: IndexedNode, registry: NodeRegistry): Problem[] {
  const { schema } = entry;
  if (schema === undefined) return [explainMissingSchema(entry, registry)];
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(entry.node.params)) {
    const found = explainParam(entry, name, value);
    if (found !== undefined) problems.push(found);
  }
  for (const [input, wires] of entry.byInput) {
    const [, second] = wires;
    if (second === undefined || ownValue(schema.inputs, input)?.list) continue;
    const sources = listNames(wires.map((wire) => nameOf(wire.source)));
    const sentence = `${nameOf(entry)}: ${socketTitle(schema, 'inputs', input)} takes one wire, and has ${wires.length}, from ${sources}. Remove all but one.`;
    problems.push(problem('graph.duplicateInput', sentence, { nodeId: entry.id, socket: input, path: `edges.${second.edge}` }));
  }
  return problems;
}

/** Why a parameter of a node can't be as it is; undefined when it can. A wired parameter's own value is not used, and not judged. */
function explainParam(entry: IndexedNode, name: string, value: unknown): Problem | undefined {
  const { schema } = entry;
  const where = { nodeId: entry.id, socket: name, path: `nodes.${entry.id}.params.${shorten(name)}` };
  const spec = ownValue(schema?.params, name);
  if (spec === undefined) {
    const advice = suggestNames(name, Object.keys(schema?.params ?? {}), 'parameters');
    return problem('graph.unknownParam', `${nameOf(entry)} has no parameter ${quote(name)}. ${advice}`, where);
  }
  if (entry.byInput.has(name) && ownValue(schema?.inputs, name) === undefined) return undefined;
  const refusal = explainValue(spec, value);
  if (refusal === undefined) return undefined;
  return problem('graph.invalidParam', `${nameOf(entry)}: ${spec.title} ${refusal}. Change it or reset it.`, where);
}

function explainMissingSchema(entry: IndexedNode, registry: NodeRegistry): Problem {
  const { node, definition } = entry;
  if (definition === undefined) {
    const near = nearestNames(
      node.type,
      registry.all().map((one) => one.id),
    );
    const advice = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Install the package it comes from, or remove it.';
    const sentence = `${nameOf(entry)} is of a type this Emulsion does not have, ${quote(node.type)}. It is kept as it is, but can't run. ${advice}`;
    return problem('graph.unknownNode', sentence, { nodeId: entry.id, path: `nodes.${entry.id}.type` });
  }
  const where = { nodeId: entry.id, path: `nodes.${entry.id}.version` };
  if (node.version > definition.version) {
    const sentence = `${nameOf(entry)} was saved by a newer version of its type (${node.version}; this Emulsion has ${definition.version}). It is kept as it is, but can't run. Update Emulsion.`;
    return problem('graph.newerVersion', sentence, where);
  }
  const sentence = `${nameOf(entry)} was saved by version ${node.version} of its type and has not been brought to version ${definition.version}. Save the graph and open it again, or add the node anew.`;
  return problem('graph.damaged', sentence, where);
}

/** The sentence about nodes that feed each other in a circle; it names them in the direction of flow. */
export function explainCycle(cycle: Cycle): Problem {
  const { node, wire } = cycle;
  const names = cycle.path.map(nameOf);
  const hidden = cycle.length - names.length;
  const chain = [...names, ...(hidden > 0 ? [`${hidden} more`] : []), names[0]].join(' → ');
  const what = cycle.length === 1 ? 'A node feeds itself' : 'These nodes feed each other in a circle';
  const input = socketTitle(node.schema, 'inputs', wire.input);
  const sentence = `${what}: ${chain}. None of them can run. Remove one of the wires between them, for example the one into ${input} of ${nameOf(node)}.`;
  return problem('graph.cycle', sentence, { nodeId: node.id, socket: wire.input, path: `edges.${wire.edge}` });
}
