import { Command, FilePlus, FolderOpen, PanelLeft, PanelRight, Play, Redo2, Save, Square, Undo2 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactElement } from 'react';
import { useAction } from '../actions/actions-context.ts';
import { openText } from '../documents/open-graph.ts';
import { texts } from '../texts.ts';
import { useEditor, useHost, usePart, useView } from '../use-editor.ts';

/** The bar at the top: the document, its history, and runs. */
export function TopBar() {
  const editor = useEditor();
  const name = usePart(editor.documents.state, (state) => state.name);
  const isUnsaved = usePart(editor.documents.state, (state) => state.edit.document !== state.saved);
  const isRunning = usePart(editor.runs.state, (state) => state.current !== undefined);
  const leftOpen = useView((view) => view.leftOpen);
  const rightOpen = useView((view) => view.rightOpen);
  return (
    <header className="top-bar">
      <div className="top-group">
        <IconAction id="view.left" icon={<PanelLeft aria-hidden="true" />} isPressed={leftOpen} />
        <span className="wordmark">
          <span className="mark" aria-hidden="true" />
          {texts.appName}
        </span>
        <Templates />
        <IconAction id="file.new" icon={<FilePlus aria-hidden="true" />} />
        <IconAction id="file.open" icon={<FolderOpen aria-hidden="true" />} />
        <IconAction id="file.save" icon={<Save aria-hidden="true" />} />
        <span className="divider" aria-hidden="true" />
        <UndoButton />
        <RedoButton />
      </div>
      <h1 className="document-name">
        {name}
        {isUnsaved ? (
          <span className="unsaved" title={texts.document.unsaved}>
            <span className="sr-only">{texts.document.unsaved}</span>
          </span>
        ) : null}
      </h1>
      <div className="top-group is-end">
        <IconAction id="view.palette" icon={<Command aria-hidden="true" />} />
        {isRunning ? <CancelButton /> : null}
        <RunButton isRunning={isRunning} />
        <IconAction id="view.right" icon={<PanelRight aria-hidden="true" />} isPressed={rightOpen} />
      </div>
    </header>
  );
}

const UNDO_ICON = <Undo2 aria-hidden="true" />;
const REDO_ICON = <Redo2 aria-hidden="true" />;

/** Says at every key what it would take back, so it is drawn by itself. */
function UndoButton() {
  const label = usePart(useEditor().documents.state, ({ edit }) => edit.undo.at(-1)?.label);
  return <IconAction id="edit.undo" icon={UNDO_ICON} isDisabled={label === undefined} tip={label && texts.actions.undoStep(label)} />;
}

function RedoButton() {
  const label = usePart(useEditor().documents.state, ({ edit }) => edit.redo.at(-1)?.label);
  return <IconAction id="edit.redo" icon={REDO_ICON} isDisabled={label === undefined} tip={label && texts.actions.redoStep(label)} />;
}

function RunButton({ isRunning }: { readonly isRunning: boolean }) {
  const { run, keys, ariaKeys } = useAction('run');
  const isReady = useHost((host) => host.isConnected && host.isReady);
  return (
    <button
      type="button"
      className="button is-primary"
      disabled={!isReady}
      aria-keyshortcuts={ariaKeys}
      title={`${isRunning ? texts.actions.runAfter : texts.actions.run} (${keys})`}
      onClick={run}
    >
      <Play aria-hidden="true" />
      {texts.actions.run}
    </button>
  );
}

function CancelButton() {
  const { run, keys, ariaKeys } = useAction('run.cancel');
  return (
    <button type="button" className="button" aria-keyshortcuts={ariaKeys} title={`${texts.actions.cancel} (${keys})`} onClick={run}>
      <Square aria-hidden="true" />
      {texts.actions.cancel}
    </button>
  );
}

function Templates() {
  const editor = useEditor();
  const templates = useHost((host) => host.templates);
  if (templates.length === 0) return null;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button is-quiet">{texts.templates.name}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" sideOffset={6}>
          {templates.map(({ name, title, description, graph }) => (
            <DropdownMenu.Item key={name} className="menu-item is-tall" onSelect={() => openText(editor, graph, title)}>
              <span className="item-title">{title}</span>
              <span className="item-hint">{description}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function IconAction({
  id,
  icon,
  isPressed,
  isDisabled,
  tip,
}: {
  readonly id: string;
  readonly icon: ReactElement;
  readonly isPressed?: boolean;
  readonly isDisabled?: boolean;
  readonly tip?: string | undefined;
}) {
  const { run, title, keys, ariaKeys } = useAction(id);
  const said = tip || title;
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={title}
      aria-keyshortcuts={ariaKeys}
      aria-pressed={isPressed}
      disabled={isDisabled}
      title={keys === undefined ? said : `${said} (${keys})`}
      onClick={run}
    >
      {icon}
    </button>
  );
}
