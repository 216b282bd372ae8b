import { writeGraph } from '../../graphs/write-graph.ts';
import type { CallArgs } from '../../host/contract.ts';
import type { Result } from '../../nodes/problem.ts';
import type { Editor } from '../editor.ts';
import { documentTexts as texts } from '../texts/document-texts.ts';
import type { HostDocument } from './document-session.ts';
import { download } from './download.ts';
import type { Tab } from './workspace.ts';

type Target = CallArgs<'document.saveAs'>['target'];

/** Saves the document of a tab, under a new name where it has none. False: it is not saved. */
export async function saveTab(editor: Editor, tab: Tab): Promise<boolean> {
  if (tab.session.state.getState().document.path === null) return saveTabAs(editor, tab);
  const saved = await tab.session.save();
  if (saved.ok || saved.problem.code !== 'file.changed') return tell(editor, saved);
  const t = texts.changedFile;
  const choice = await editor.workspace.dialogs.ask('question', {
    title: t.title,
    message: saved.problem.message,
    choices: [
      { id: 'saveAs', label: t.saveAs, tone: 'primary' },
      { id: 'compare', label: t.compare },
      { id: 'overwrite', label: t.overwrite, tone: 'danger' },
    ],
  });
  if (choice === 'saveAs') return saveTabAs(editor, tab);
  if (choice === 'overwrite') return tell(editor, await tab.session.save(true));
  if (choice === 'compare') void editor.workspace.dialogs.ask('diff', {});
  return false;
}

/** Saves the document of a tab under a name that the person chooses. */
export async function saveTabAs(editor: Editor, tab: Tab): Promise<boolean> {
  const { document } = tab.session.state.getState();
  if (!editor.workspace.state.getState().isDesktop) return saveInFolder(editor, tab, document.title);
  const picked = await editor.client.call('shell.pickTarget', { kind: 'graph', name: document.title.slice(0, 200) });
  if (!picked.ok) return tell(editor, picked);
  const { target } = picked.value;
  // The system's dialog has asked already whether to replace a file.
  return target !== null && tell(editor, await tab.session.saveAs({ kind: 'token', token: target.token }, true));
}

async function saveInFolder(editor: Editor, tab: Tab, title: string): Promise<boolean> {
  const { dialogs } = editor.workspace;
  const roots = await editor.client.call('folder.list', { path: null });
  if (!roots.ok) return tell(editor, roots);
  if (roots.value.entries.length === 0) {
    download(`${title}.emulsion.json`, writeGraph(tab.session.state.getState().edit.document), 'application/json');
    editor.notices.tell(texts.picker.noWritable);
    return false;
  }
  const chosen = await dialogs.ask('target', { name: title });
  if (chosen === undefined) return false;
  const target: Target = { kind: 'folder', ...chosen };
  const saved = await tab.session.saveAs(target);
  if (saved.ok || saved.problem.code !== 'file.exists') return tell(editor, saved);
  const t = texts.replacing;
  const choice = await dialogs.ask('question', {
    title: t.title(chosen.name),
    message: t.message(chosen.folder),
    choices: [{ id: 'replace', label: t.replace, tone: 'danger' }],
  });
  return choice === 'replace' && tell(editor, await tab.session.saveAs(target, true));
}

function tell(editor: Editor, saved: Result<HostDocument> | Result<unknown>): boolean {
  if (!saved.ok) editor.notices.tell(saved.problem.message, 'trouble');
  return saved.ok;
}
