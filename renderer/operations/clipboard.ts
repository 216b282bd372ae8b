import { pasteGraph } from '../../graphs/commands/paste-graph.ts';
import { type GraphDocument, nodeEntries } from '../../graphs/document.ts';
import { extractNodes } from '../../graphs/extract-nodes.ts';
import { ownValue } from '../../graphs/own-value.ts';
import { readGraph } from '../../graphs/read-graph.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { Editor, XY } from '../editor.ts';
import { texts } from '../texts.ts';
import { allBoxes, aroundAll } from './canvas-boxes.ts';
import { carryOut, registryOf } from './carry-out.ts';
import { removeSelection } from './edit-selection.ts';
import { titleOf } from './node-title.ts';

/** What is selected as text: a graph like any other, to be pasted in any window or sent in a message. */
export function copyText(editor: Editor): string | undefined {
  const { nodes, frames, notes } = editor.selection.state.getState();
  if (nodes.size + frames.size + notes.size === 0) return undefined;
  const document = editor.documents.document();
  const copied = extractNodes(document, [...nodes]);
  const items = { ...pick('frames', document.layout?.frames, frames), ...pick('notes', document.layout?.notes, notes) };
  return writeGraph(Object.keys(items).length === 0 ? copied : { ...copied, layout: { ...copied.layout, ...items } });
}

/** The chosen entries of a part of the layout under its name; nothing where none is chosen. */
function pick<T>(part: string, all: Readonly<Record<string, T>> = {}, chosen: ReadonlySet<string>): Record<string, Record<string, T>> {
  return chosen.size === 0 ? {} : { [part]: Object.fromEntries(Object.entries(all).filter(([id]) => chosen.has(id))) };
}

/** The last copy, while the browser writes it. */
let writing: Promise<void> = Promise.resolve();

/** Copies what is selected to the clipboard. */
export async function copySelection(editor: Editor): Promise<void> {
  const text = copyText(editor);
  if (text === undefined) return;
  writing = navigator.clipboard.writeText(text).catch(() => editor.notices.tell(texts.clipboard.refused, 'trouble'));
  await writing;
}

/** Copies what is selected and removes it. */
export async function cutSelection(editor: Editor): Promise<void> {
  await copySelection(editor);
  removeSelection(editor);
}

/** Pastes what the clipboard holds, if it is a graph. */
export async function pasteClipboard(editor: Editor): Promise<void> {
  await writing;
  const text = await navigator.clipboard.readText().catch(() => undefined);
  if (text === undefined) editor.notices.tell(texts.clipboard.refused, 'trouble');
  else pasteText(editor, text, editor.canvas?.newPlace().position ?? { x: 0, y: 0 });
}

/** Puts the graph in a text as near to a place as it covers nothing, shows and selects it. Other text is left alone. */
export function pasteText(editor: Editor, text: string, at: XY): void {
  const { document: graph, problems } = readGraph(text, registryOf(editor));
  if (graph === undefined) {
    const isOurs = text.trimStart().startsWith('{');
    editor.notices.tell((isOurs ? problems[0]?.message : undefined) ?? texts.clipboard.noGraph, 'trouble');
    return;
  }
  const area = aroundAll(allBoxes(editor, graph)) ?? { ...at, width: 0, height: 0 };
  const { x, y } = editor.canvas?.roomFor(area, at) ?? at;
  const offset = { x: Math.round(x - area.x), y: Math.round(y - area.y) };
  const pasted = carryOut(editor, texts.steps.paste, (draft) => pasteGraph(draft, { ids: editor.documents.ids, graph, offset }));
  if (pasted === undefined) return;
  editor.selection.select({ nodes: pasted.values() });
  editor.canvas?.showNew([...pasted.values()]);
}

/** Every node with a place, by title: what the outline lists. */
export function nodesInReadingOrder(editor: Editor, document: GraphDocument): { readonly id: string; readonly title: string }[] {
  const place = (id: string): XY => ownValue(document.layout?.positions as Readonly<Record<string, XY>> | undefined, id) ?? { x: 0, y: 0 };
  return nodeEntries(document)
    .map(([id]) => ({ id, title: titleOf(editor, id), at: place(id) }))
    .sort((a, b) => a.at.x - b.at.x || a.at.y - b.at.y)
    .map(({ id, title }) => ({ id, title }));
}
