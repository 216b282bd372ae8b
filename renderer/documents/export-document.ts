import { findNode } from '../../graphs/document.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { Editor } from '../editor.ts';
import { registryOf } from '../operations/carry-out.ts';
import type { RunPicture } from '../store/run-store.ts';
import { documentTexts as texts } from '../texts/document-texts.ts';
import { download, downloadFrom } from './download.ts';

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

/** The last picture that the open document has saved, which carries its graph; where there is none, says how to get one. */
export function exportPicture(editor: Editor): void {
  const picture = lastPicture(editor);
  if (picture !== undefined) {
    downloadFrom(picture.url, picture.name);
    return;
  }
  editor.view.setState({ rightOpen: true, rightTab: 'gallery' });
  editor.notices.tell(texts.pictureHint);
}

function lastPicture(editor: Editor): RunPicture | undefined {
  const { document } = editor.documents.state.getState().edit;
  const { document: id } = editor.workspace.documentArg();
  const isSaved = ({ node }: RunPicture): boolean => {
    const type = findNode(document, node)?.type;
    return type !== undefined && registryOf(editor).get(type)?.effects?.includes('writesFile') === true;
  };
  const own = editor.runs.state.getState().runs.filter((run) => run.document === id);
  return own.map(({ results }) => results.findLast(isSaved)).find((one) => one !== undefined);
}
