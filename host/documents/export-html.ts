import { createHash } from 'node:crypto';
import { edgeEntries, type GraphDocument, type NodeId } from '../../graphs/document.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { drawGraph } from './draw-graph.ts';
import { escapeHtml } from './escape-html.ts';
import { type NodeBox, placeNodes } from './node-boxes.ts';

const KIND_COLORS: Readonly<Record<string, string>> = {
  any: '#8a8f98',
  attention: '#a83c5e',
  bands: '#8a7a2e',
  boolean: '#b0567c',
  conditioning: '#c07a1f',
  controlNet: '#3d8f7a',
  image: '#3a7bd5',
  latent: '#a24bc4',
  mask: '#3f8f4f',
  mesh: '#7a6a5a',
  model: '#7a5fd0',
  noise: '#6f7a86',
  number: '#5a8a3a',
  seed: '#8f6a3a',
  sigmas: '#b5483a',
  text: '#a8892b',
  textEncoder: '#b8930f',
  vae: '#c8503c',
  video: '#2a86a8',
};

const STYLE = `
:root { color-scheme: light dark; --page: #f6f7f9; --node: #fff; --line: #d3d7de; --text: #1d2128; --muted: #5b6370; --note: #fff6d6; }
@media (prefers-color-scheme: dark) { :root { --page: #14161a; --node: #22262d; --line: #3a404a; --text: #e8eaee; --muted: #a3abb8; --note: #3a3420; } }
body { margin: 0 auto; padding: 24px; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0 0 4px; font-size: 22px; }
h2 { margin: 32px 0 8px; font-size: 17px; }
h3 { margin: 0; font-size: 15px; }
p { margin: 0 0 16px; }
.graph { overflow: auto; border: 1px solid var(--line); border-radius: 10px; }
svg { display: block; margin: 0 auto; font: 13px system-ui, sans-serif; }
svg text { fill: var(--text); white-space: pre; }
svg .muted, .muted, dt { fill: var(--muted); color: var(--muted); }
svg .end { text-anchor: end; }
svg .title { font-weight: 600; }
.body { fill: var(--node); stroke: var(--line); }
.unknown .body { stroke-dasharray: 6 4; }
.bypassed, .mute { opacity: 0.5; }
.line { stroke: var(--line); }
.frame { fill: none; stroke: var(--muted); stroke-dasharray: 2 4; }
.note { fill: var(--note); stroke: var(--line); }
.wire { fill: none; stroke-width: 2; }
.socket { stroke: var(--node); }
.list { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr)); }
article { padding: 12px 16px; border: 1px solid var(--line); border-radius: 10px; background: var(--node); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 6px 0 0; }
dd { margin: 0; white-space: pre-wrap; }
.text { white-space: pre-wrap; }
pre { overflow: auto; padding: 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--node); }
${Object.entries(KIND_COLORS)
  .map(([kind, color]) => `.wire.k-${kind} { stroke: ${color}; } .socket.k-${kind} { fill: ${color}; }`)
  .join('\n')}
.wire { stroke: #8a8f98; }
.socket { fill: #8a8f98; }
`;

/**
 * A page that shows a graph: a picture of it, every node with its parameters and wires in words, and its text to copy. One file that
 * loads and runs nothing; light or dark as the reader has it.
 */
export function exportHtml(document: GraphDocument, title: string, registry: NodeRegistry): string {
  const boxes = placeNodes(document, registry);
  const wires = edgeEntries(document).length;
  const count = `${boxes.length} ${boxes.length === 1 ? 'node' : 'nodes'}, ${wires} ${wires === 1 ? 'wire' : 'wires'}`;
  const description = document.meta?.['description'];
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="muted">${typeof description === 'string' ? `${escapeHtml(description)} ` : ''}${count}.</p>
<div class="graph" tabindex="0" role="group" aria-label="Picture of the graph">
${drawGraph(document, boxes, `${title}: ${count}. All of them are listed below.`)}
</div>
<h2>Nodes</h2>
<div class="list">
${describeNodes(document, boxes).join('\n')}
</div>
${describeNotes(document)}<h2>The graph as text</h2>
<details>
<summary>Show</summary>
<pre tabindex="0">${escapeHtml(writeGraph(document))}</pre>
</details>
</main>
</body>
</html>
`;
}

function describeNotes(document: GraphDocument): string {
  const notes = Object.values(document.layout?.notes ?? {}).filter(({ text }) => text.trim() !== '');
  if (notes.length === 0) return '';
  return `<h2>Notes</h2>\n<div class="list">\n${notes.map(({ text }) => `<article class="text">${escapeHtml(text)}</article>`).join('\n')}\n</div>\n`;
}

function describeNodes(document: GraphDocument, boxes: readonly NodeBox[]): string[] {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const sources = new Map<NodeId, Map<string, string[]>>();
  for (const [, { from, to }] of edgeEntries(document)) {
    const source = byId.get(from.node);
    const output = source?.rows.find((row) => row.side === 'output' && row.name === from.output);
    const those = sources.get(to.node) ?? new Map<string, string[]>();
    those.set(to.input, [...(those.get(to.input) ?? []), `${source?.name ?? from.node}, ${output?.title ?? from.output}`]);
    sources.set(to.node, those);
  }
  return boxes.map((box) => {
    const lines = box.rows
      .filter((row) => row.side !== 'output')
      .map((row) => {
        const from = sources.get(box.id)?.get(row.name);
        const told = from === undefined ? (row.value ?? 'nothing') : `from ${from.join('; ')}`;
        return `<dt>${escapeHtml(row.title)}</dt><dd>${escapeHtml(told)}</dd>`;
      });
    const state = [
      box.isMuted ? 'muted' : box.isBypassed ? 'bypassed' : '',
      box.isUnknown ? 'not known to this version of Emulsion' : '',
    ].filter((one) => one !== '');
    const list = lines.length === 0 ? '' : `<dl>${lines.join('')}</dl>`;
    return `<article><h3>${escapeHtml(box.name)}</h3>${state.length === 0 ? '' : `<span class="muted">${state.join(', ')}</span>`}${list}</article>`;
  });
}
