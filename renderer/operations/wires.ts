import { connect } from '../../graphs/commands/connect.ts';
import { disconnect } from '../../graphs/commands/disconnect.ts';
import { type EdgeId, edgeEntries, type GraphEdge, type NodeId } from '../../graphs/document.ts';
import { ok } from '../../nodes/problem.ts';
import type { Editor } from '../editor.ts';
import { texts } from '../texts.ts';
import type { WireEnds } from '../wiring/judge-wire.ts';
import { carryOut, inTurn, registryOf } from './carry-out.ts';
import { titleOf } from './node-title.ts';

/** Draws a wire. `moved` is a wire that was pulled off elsewhere and goes at the same time. */
export function drawWire(editor: Editor, ends: WireEnds, moved?: EdgeId): void {
  const { ids } = editor.documents;
  const label = texts.steps.connect(titleOf(editor, ends.from.node), titleOf(editor, ends.to.node));
  carryOut(editor, label, (draft) =>
    inTurn(draft, [
      (draft) => (moved === undefined ? ok(null) : disconnect(draft, { edges: [moved] })),
      (draft) => connect(draft, { registry: registryOf(editor), ids, ...ends }),
    ]),
  );
}

/** Moves a pulled-off wire into an input that is wired already, and gives the input it left the wire that was there. */
export function swapWires(editor: Editor, moved: EdgeId, to: WireEnds['to']): void {
  const document = editor.documents.document();
  const edge = document.edges[moved];
  const other = edgeEntries(document).find(([id, one]) => id !== moved && one.to.node === to.node && one.to.input === to.input);
  if (edge === undefined) return;
  if (other === undefined) {
    drawWire(editor, { from: sourceOf(edge), to }, moved);
    return;
  }
  const [otherId, otherEdge] = other;
  const { ids } = editor.documents;
  const registry = registryOf(editor);
  carryOut(editor, texts.steps.swap, (draft) =>
    inTurn(draft, [
      (draft) => disconnect(draft, { edges: [moved, otherId] }),
      (draft) => connect(draft, { registry, ids, from: sourceOf(edge), to }),
      (draft) => connect(draft, { registry, ids, from: sourceOf(otherEdge), to: { node: edge.to.node, input: edge.to.input } }),
    ]),
  );
}

/** Removes wires. */
export function removeWires(editor: Editor, edges: readonly EdgeId[]): void {
  if (edges.length === 0) return;
  carryOut(editor, texts.steps.disconnect(edges.length), (draft) => disconnect(draft, { edges }));
}

/** The wires that end in one input, in order. */
export function wiresInto(editor: Editor, node: NodeId, input: string): readonly [EdgeId, GraphEdge][] {
  return edgeEntries(editor.documents.document())
    .filter(([, edge]) => edge.to.node === node && edge.to.input === input)
    .sort(([, a], [, b]) => (a.to.index ?? 0) - (b.to.index ?? 0));
}

function sourceOf(edge: GraphEdge): WireEnds['from'] {
  return { node: edge.from.node, output: edge.from.output };
}
