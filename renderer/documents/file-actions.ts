import type { Action } from '../actions/action.ts';
import type { Editor } from '../editor.ts';
import { documentTexts as texts } from '../texts/document-texts.ts';
import { chooseGraphs } from './choose-path.ts';
import { closeTab } from './close-tab.ts';
import { exportGraph, exportPage, exportPicture } from './export-document.ts';
import { saveTab, saveTabAs } from './save-document.ts';
import type { Tab } from './workspace.ts';

/** Everything a person can do with documents and files. */
export function fileActions(): readonly Action[] {
  const t = texts.actions;
  const file = (id: string, title: string, rest: Omit<Action, 'id' | 'title' | 'group'>): Action => ({ id, title, group: 'file', ...rest });
  /** What needs an open document. */
  const withTab = (id: string, title: string, keys: readonly string[], act: (editor: Editor, tab: Tab) => unknown): Action =>
    file(id, title, {
      keys,
      whileTyping: true,
      isEnabled: ({ workspace }) => workspace.active() !== undefined,
      async run(editor) {
        const tab = editor.workspace.active();
        if (tab !== undefined) await act(editor, tab);
      },
    });
  return [
    // Browsers keep Mod+N, Mod+W and Ctrl+Tab to themselves; in the desktop window they work.
    file('file.new', t.new, { keys: ['Mod+N', 'Alt+N'], whileTyping: true, run: ({ workspace }) => void workspace.create() }),
    file('file.open', t.open, { keys: ['Mod+O'], whileTyping: true, run: openChosen }),
    file('file.recent', t.recent, { keys: ['Mod+Shift+O'], whileTyping: true, run: showStart }),
    file('file.start', t.start, { run: showStart }),
    withTab('file.save', t.save, ['Mod+S'], saveTab),
    withTab('file.saveAs', t.saveAs, ['Mod+Shift+S'], saveTabAs),
    withTab('file.rename', t.rename, [], renameTab),
    withTab('file.close', t.close, ['Mod+W', 'Alt+W'], (editor, { key }) => closeTab(editor, key)),
    withTab('file.next', t.next, ['Alt+PageDown'], (editor) => step(editor, 1)),
    withTab('file.previous', t.previous, ['Alt+PageUp'], (editor) => step(editor, -1)),
    withTab('file.export', t.exportGraph, [], exportGraph),
    withTab('file.exportPage', t.exportPage, [], exportPage),
    withTab('file.exportPicture', t.exportPicture, [], exportPicture),
    withTab('file.compare', t.compare, [], ({ workspace }) => workspace.dialogs.ask('diff', {})),
  ];
}

async function openChosen(editor: Editor): Promise<void> {
  for (const source of await chooseGraphs(editor)) await editor.workspace.open(source);
}

function showStart({ workspace }: Editor): void {
  workspace.showStart(true);
}

async function renameTab({ workspace, notices }: Editor, { session }: Tab): Promise<void> {
  const t = texts.renaming;
  const value = session.state.getState().document.title;
  const title = (await workspace.dialogs.ask('text', { title: t.title, label: t.label, value, done: t.done }))?.trim();
  if (title === undefined || title === '' || title === value) return;
  const renamed = await session.rename(title);
  if (!renamed.ok) notices.tell(renamed.problem.message, 'trouble');
}

function step({ workspace }: Editor, by: 1 | -1): void {
  const { tabs, active } = workspace.state.getState();
  const at = tabs.findIndex((tab) => tab.key === active);
  const next = tabs[(at + by + tabs.length) % tabs.length];
  if (next !== undefined) workspace.activate(next.key);
}
