import { nearestNames } from '../../../graphs/nearest-names.ts';
import type { AnyNodeDefinition, InputSpec, OutputSpec } from '../../../nodes/define-node.ts';
import { describeParam } from '../../../nodes/describe-param.ts';
import { type ParamSpec, show } from '../../../nodes/params.ts';
import { describeNode } from '../../describe-node.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT } from '../exit-code.ts';

/** Lists the nodes there are, or tells everything about one; returns the exit code. */
export async function nodesCommand(
  { parts, output }: CommandContext,
  id: string | undefined,
  options: { readonly json: boolean },
): Promise<number> {
  const registry = await parts.loadRegistry();
  const all = registry.all();
  const wanted = id === undefined ? all : all.filter((one) => one.id === id);
  if (id !== undefined && wanted.length === 0) {
    const near = nearestNames(
      id,
      all.map((one) => one.id),
    );
    const advice = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'emulsion nodes lists them all.';
    output.problem({ code: 'graph.unknownNode', severity: 'error', message: `There is no node ${id}. ${advice}` });
    return EXIT.graphWrong;
  }
  if (options.json) for (const one of wanted) output.json(describeNode(one));
  else for (const line of id === undefined ? listNodes(wanted) : wanted.flatMap(tellNode)) output.result(line);
  return EXIT.done;
}

/** One line a node, under the categories' names. */
function listNodes(all: readonly AnyNodeDefinition[]): string[] {
  const width = Math.max(0, ...all.map((one) => one.id.length));
  const categories = [...new Set(all.map((one) => one.category))];
  return categories.flatMap((category, at) => [
    ...(at === 0 ? [] : ['']),
    category,
    ...all.filter((one) => one.category === category).map((one) => `  ${one.id.padEnd(width)}  ${one.title}: ${one.summary}`),
  ]);
}

function tellNode(node: AnyNodeDefinition): string[] {
  return [
    `${node.title} (${node.id}, version ${node.version}, ${node.category})`,
    '',
    ...node.docs.trim().split('\n'),
    ...section('Inputs', Object.entries(node.inputs).map(tellInput)),
    ...section('Parameters', Object.entries(node.params).map(tellParam)),
    ...section('Outputs', Object.entries(node.outputs).map(tellOutput)),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function tellInput([name, { type, doc, optional, list }]: [string, InputSpec]): string {
  const notes = [list ? `list of ${type}` : type, ...(optional ? ['optional'] : [])].join(', ');
  return `${name} (${notes}): ${doc}`;
}

function tellOutput([name, { type, doc }]: [string, OutputSpec]): string {
  return `${name} (${type}): ${doc}`;
}

function tellParam([name, spec]: [string, ParamSpec]): string {
  const folded = spec.advanced === true ? '; advanced' : '';
  return `${name} (${describeParam(spec)}; default ${spec.default === null ? 'left open' : show(spec.default)}${folded}): ${spec.doc}`;
}
