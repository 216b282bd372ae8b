import type { AnyNodeDefinition } from '../nodes/define-node.ts';
import { describeParam } from '../nodes/describe-param.ts';
import { show } from '../nodes/params.ts';

/** docs/nodes.md: every node of a registry in its order, under the names of their categories. */
export function renderNodeDocs(nodes: readonly AnyNodeDefinition[]): string {
  const categories = [...new Set(nodes.map((node) => node.category))];
  const parts = [
    '# Nodes',
    '<!-- Written by `npm run docs` from nodes/registry.ts. Change the nodes, not this page. -->',
    'Every parameter takes a wire, too. A list wired to an input or parameter for one value runs the node once for each item.',
    'A node folds its *advanced* parameters away while they have their defaults and no wire; “more” at its foot shows them.',
    'What is on the wires is said in [data.md](data.md).',
    renderTable(
      ['node', 'id', 'what it does'],
      nodes.map((node) => [`[${node.title}](#${anchorOf(node.title)})`, `\`${node.id}\``, node.summary]),
    ),
  ];
  for (const category of categories) {
    parts.push(`## ${category.charAt(0).toUpperCase()}${category.slice(1)}`);
    for (const node of nodes) if (node.category === category) parts.push(...renderNode(node));
  }
  return `${parts.join('\n\n')}\n`;
}

function renderNode(node: AnyNodeDefinition): string[] {
  const { id, version, title, summary, docs, inputs, outputs, params, effects = [] } = node;
  const effect = effects.length === 0 ? '' : ' It has an effect, so it always runs and is never cached.';
  const parts = [`### ${title}`, `\`${id}\`, version ${version}. ${summary}${effect}`, docs.trim()];
  const inputRows = Object.entries(inputs).map(([name, { type, doc, optional, list }]) => [
    `\`${name}\``,
    `${type}${list ? ', several wires' : ''}${optional ? ', optional' : ''}`,
    doc,
  ]);
  const paramRows = Object.entries(params).map(([name, spec]) => {
    const byDefault = spec.default === null ? 'left open' : `\`${show(spec.default)}\``;
    const values = `${describeParam(spec)}${spec.advanced === true ? ', *advanced*' : ''}`;
    return [`\`${name}\``, values, byDefault, spec.doc];
  });
  const outputRows = Object.entries(outputs).map(([name, { type, doc }]) => [`\`${name}\``, type, doc]);
  if (inputRows.length > 0) parts.push(renderTable(['input', 'kind', ''], inputRows));
  if (paramRows.length > 0) parts.push(renderTable(['parameter', 'values', 'default', ''], paramRows));
  parts.push(renderTable(['output', 'kind', ''], outputRows));
  return parts;
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** The anchor that Markdown viewers give a heading. */
function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}
