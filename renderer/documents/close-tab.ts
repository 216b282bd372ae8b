import type { Editor } from '../editor.ts';
import { documentTexts as texts } from '../texts/document-texts.ts';
import { saveTab } from './save-document.ts';

/** Closes a tab; asks what becomes of changes that are in no file. */
export async function closeTab(editor: Editor, key: string): Promise<void> {
  const { workspace } = editor;
  const tab = workspace.state.getState().tabs.find((one) => one.key === key);
  if (tab === undefined) return;
  const { isDirty, document } = tab.session.state.getState();
  if (!isDirty) return workspace.drop(key, false);
  workspace.activate(key);
  const t = texts.closing;
  const choice = await workspace.dialogs.ask('question', {
    title: t.title(document.title),
    message: t.message,
    choices: [
      { id: 'save', label: t.save, tone: 'primary' },
      { id: 'keep', label: t.keep },
      { id: 'discard', label: t.discard, tone: 'danger' },
    ],
  });
  if (choice === 'keep' || choice === 'discard') return workspace.drop(key, choice === 'keep');
  if (choice === 'save' && (await saveTab(editor, tab))) await workspace.drop(key, false);
}
