import { disconnect } from '../../graphs/commands/disconnect.ts';
import { duplicateNodes } from '../../graphs/commands/duplicate-nodes.ts';
import { removeFrame } from '../../graphs/commands/remove-frame.ts';
import { removeNodes } from '../../graphs/commands/remove-nodes.ts';
import { removeNote } from '../../graphs/commands/remove-note.ts';
import { renameNode } from '../../graphs/commands/rename-node.ts';
import { setBypass } from '../../graphs/commands/set-bypass.ts';
import { setCollapsed } from '../../graphs/commands/set-collapsed.ts';
import { setMute } from '../../graphs/commands/set-mute.ts';
import { resetParam, setParam } from '../../graphs/commands/set-param.ts';
import { setUnfolded } from '../../graphs/commands/set-unfolded.ts';
import type { NodeId } from '../../graphs/document.ts';
import { ok } from '../../nodes/problem.ts';
import type { Editor } from '../editor.ts';
import { paramStep } from '../store/param-step.ts';
import { texts } from '../texts.ts';
import { carryOut, inTurn, registryOf } from './carry-out.ts';
import { nameNodes, titleOf } from './node-title.ts';

/** The selected nodes, in a list. */
export function selectedNodes(editor: Editor): NodeId[] {
  return [...editor.selection.state.getState().nodes];
}

/** Removes everything selected. */
export function removeSelection(editor: Editor): void {
  const { nodes, edges, frames, notes } = editor.selection.state.getState();
  const count = nodes.size + frames.size + notes.size;
  if (count + edges.size === 0) return;
  const label =
    count === 0
      ? texts.steps.disconnect(edges.size)
      : texts.steps.remove(nodes.size === count ? nameNodes(editor, [...nodes]) : texts.itemCount(count));
  carryOut(editor, label, (draft) =>
    inTurn(draft, [
      (draft) => (edges.size === 0 ? ok(null) : disconnect(draft, { edges: [...edges] })),
      (draft) => removeNodes(draft, { nodes: [...nodes] }),
      ...[...frames].map((id) => (draft: Parameters<typeof removeFrame>[0]) => removeFrame(draft, { id })),
      ...[...notes].map((id) => (draft: Parameters<typeof removeNote>[0]) => removeNote(draft, { id })),
    ]),
  );
}

/** Copies the selected nodes beside themselves, fed by what feeds the originals; selects the copies. */
export function duplicateSelection(editor: Editor): void {
  const nodes = selectedNodes(editor);
  if (nodes.length === 0) return;
  const copies = carryOut(editor, texts.steps.duplicate(nameNodes(editor, nodes)), (draft) =>
    duplicateNodes(draft, { ids: editor.documents.ids, nodes, keepInputs: true }),
  );
  if (copies !== undefined) editor.selection.select({ nodes: copies.values() });
}

/** Gives a node a title; an empty one gives it its type's back. */
export function rename(editor: Editor, node: NodeId, title: string): void {
  carryOut(editor, texts.steps.rename(titleOf(editor, node)), (draft) => renameNode(draft, { node, title }));
}

/** Bypasses the nodes, or switches them on again when all are bypassed. */
export function toggleBypass(editor: Editor, nodes: readonly NodeId[]): void {
  if (nodes.length === 0) return;
  const document = editor.documents.document();
  const bypass = !nodes.every((id) => document.nodes[id]?.bypass === true);
  const label = (bypass ? texts.steps.bypass : texts.steps.unbypass)(nameNodes(editor, nodes));
  carryOut(editor, label, (draft) => setBypass(draft, { nodes, bypass }));
}

/** Mutes the nodes, or switches them on again when all are muted. */
export function toggleMute(editor: Editor, nodes: readonly NodeId[]): void {
  if (nodes.length === 0) return;
  const document = editor.documents.document();
  const mute = !nodes.every((id) => document.nodes[id]?.mute === true);
  const label = (mute ? texts.steps.mute : texts.steps.unmute)(nameNodes(editor, nodes));
  carryOut(editor, label, (draft) => setMute(draft, { nodes, mute }));
}

/** Folds the nodes, or unfolds them when all are folded. */
export function toggleCollapsed(editor: Editor, nodes: readonly NodeId[]): void {
  if (nodes.length === 0) return;
  const folded = editor.documents.document().layout?.collapsed ?? {};
  const collapsed = !nodes.every((id) => Object.hasOwn(folded, id));
  const label = (collapsed ? texts.steps.collapse : texts.steps.expand)(nameNodes(editor, nodes));
  carryOut(editor, label, (draft) => setCollapsed(draft, { nodes, collapsed }));
}

/** Shows all parameters on a node's face, or folds the advanced ones away. */
export function unfold(editor: Editor, node: NodeId, unfolded: boolean): void {
  const label = (unfolded ? texts.steps.unfold : texts.steps.fold)(titleOf(editor, node));
  carryOut(editor, label, (draft) => setUnfolded(draft, { nodes: [node], unfolded }));
}

/** Sets a parameter; what is typed or dragged in one go is one step. Gives the refusal, if there is one. */
export function changeParam(editor: Editor, node: NodeId, param: string, value: unknown): string | undefined {
  const registry = registryOf(editor);
  const type = editor.documents.document().nodes[node]?.type;
  const title = (type === undefined ? undefined : registry.get(type)?.params[param]?.title) ?? param;
  const done = editor.documents.commit(texts.steps.change(title, value), (draft) => setParam(draft, { registry, node, param, value }), {
    merge: paramStep(node, param),
  });
  return done.ok ? undefined : done.problem.message;
}

/** Sets a parameter to its default. */
export function restoreParam(editor: Editor, node: NodeId, param: string): void {
  const registry = registryOf(editor);
  carryOut(editor, texts.steps.reset(param), (draft) => resetParam(draft, { registry, node, param }));
}
