import { readGraph } from '../../graphs/read-graph.ts';
import type { Editor } from '../editor.ts';
import { registryOf } from '../operations/carry-out.ts';
import { texts } from '../texts.ts';

/** Opens a graph from its text, as a document that has no file. False: nothing of it can be used, and that was said. */
export function openText(editor: Editor, text: string, name: string): boolean {
  const { document, problems } = readGraph(text, registryOf(editor));
  if (document === undefined) {
    editor.notices.tell(problems[0]?.message ?? texts.document.unreadable(name), 'trouble');
    return false;
  }
  void editor.workspace.create(name, text);
  return true;
}
