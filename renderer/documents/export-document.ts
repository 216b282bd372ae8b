import { writeGraph } from '../../graphs/write-graph.ts';
import type { Editor } from '../editor.ts';
import { documentTexts as texts } from '../texts/document-texts.ts';
import { download } from './download.ts';

/** A copy of the open document as a graph file, among the browser's downloads. */
export function exportGraph(editor: Editor): void {
  const { edit, name } = editor.documents.state.getState();
  download(`${name}.emulsion.json`, writeGraph(edit.document), 'application/json');
}

/** The open document as a page that shows it without Emulsion. */
export async function exportPage(editor: Editor): Promise<void> {
  const { edit, name } = editor.documents.state.getState();
  const made = await editor.client.call('document.exportHtml', { graph: writeGraph(edit.document), title: name });
  if (made.ok) download(`${name}.html`, made.value.html, 'text/html');
  else editor.notices.tell(made.problem.message, 'trouble');
}

/** Pictures carry the graph that made them: shows where they are. */
export function exportPicture(editor: Editor): void {
  editor.view.setState({ rightOpen: true, rightTab: 'gallery' });
  editor.notices.tell(texts.pictureHint);
}
