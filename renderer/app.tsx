import { useEffect, useMemo } from 'react';
import { ActionsContext } from './actions/actions-context.ts';
import { allActions } from './actions/all-actions.ts';
import { useMenu } from './actions/use-menu.ts';
import { useOwnUndo } from './actions/use-own-undo.ts';
import { useShortcuts } from './actions/use-shortcuts.ts';
import { Canvas } from './canvas/canvas.tsx';
import { DocumentDialogs } from './documents/document-dialogs.tsx';
import { DropZone } from './documents/drop-zone.tsx';
import { TabBar } from './documents/tab-bar.tsx';
import type { Editor } from './editor.ts';
import { AddNodeMenu } from './palette/add-menu.tsx';
import { CommandPalette } from './palette/command-palette.tsx';
import { AddNodePanel } from './panels/add-node-panel.tsx';
import { useAutoRun } from './shell/auto-run.ts';
import { Notices } from './shell/notices.tsx';
import { RightPanel } from './shell/right-panel.tsx';
import { StatusBar } from './shell/status-bar.tsx';
import { TopBar } from './shell/top-bar.tsx';
import { StartPage } from './start/start-page.tsx';
import { texts } from './texts.ts';
import { EditorContext, useView } from './use-editor.ts';

/** The whole window. */
export function App({ editor }: { readonly editor: Editor }) {
  const actions = useMemo(allActions, []);
  useShortcuts(editor, actions);
  useOwnUndo();
  useMenu(editor, actions);
  useAutoRun(editor);
  return (
    <EditorContext.Provider value={editor}>
      <ActionsContext.Provider value={actions}>
        <Shell />
      </ActionsContext.Provider>
    </EditorContext.Provider>
  );
}

function Shell() {
  const leftOpen = useView((view) => view.leftOpen);
  const rightOpen = useView((view) => view.rightOpen);
  const theme = useView((view) => view.theme);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return (
    <div className="shell" data-left={leftOpen ? '' : undefined} data-right={rightOpen ? '' : undefined}>
      <TopBar />
      <TabBar />
      {leftOpen ? (
        <aside className="side-panel is-left" aria-label={texts.actions.leftPanel}>
          <AddNodePanel />
        </aside>
      ) : null}
      <Canvas />
      <StartPage />
      <DropZone />
      {rightOpen ? <RightPanel /> : null}
      <StatusBar />
      <AddNodeMenu />
      <CommandPalette />
      <DocumentDialogs />
      <Notices />
    </div>
  );
}
