import { emptyDocument } from '../../graphs/document.ts';
import { startEditing } from '../../graphs/history.ts';
import { readGraph } from '../../graphs/read-graph.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { Editor } from '../editor.ts';
import { registryOf } from '../operations/carry-out.ts';
import { texts } from '../texts.ts';

const ENDING = '.emulsion.json';

/** Opens a graph from its text; says what was wrong with it. False: nothing of it could be used. */
export function openText(editor: Editor, text: string, name: string): boolean {
  const { document, problems } = readGraph(text, registryOf(editor));
  if (document === undefined) {
    editor.notices.tell(problems[0]?.message ?? texts.document.unreadable(name), 'trouble');
    return false;
  }
  editor.documents.open(startEditing(document), name);
  editor.selection.select({});
  const left = problems.filter((one) => one.severity === 'error');
  if (left[0] !== undefined) editor.notices.tell(texts.document.openedWith(left[0].message, left.length - 1), 'trouble');
  requestAnimationFrame(() => editor.canvas?.fit());
  return true;
}

/** Begins an empty document. */
export function newDocument(editor: Editor): void {
  editor.documents.open(startEditing(emptyDocument()), texts.document.untitled);
  editor.selection.select({});
}

/** Lets the person choose a file and opens it. */
export function chooseFile(editor: Editor): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.json,application/json';
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file !== undefined) void openFile(editor, file);
  });
  input.click();
}

/** Opens a file that was chosen or dropped. */
export async function openFile(editor: Editor, file: File): Promise<void> {
  openText(editor, await file.text(), file.name.replace(/(\.emulsion)?\.json$/i, ''));
}

/** Saves the document as a file of the browser's downloads. */
export function saveFile(editor: Editor): void {
  const { edit, name } = editor.documents.state.getState();
  const url = URL.createObjectURL(new Blob([writeGraph(edit.document)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}${ENDING}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  editor.documents.markSaved(name);
}
