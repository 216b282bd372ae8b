import { House, Plus, X } from 'lucide-react';
import { type KeyboardEvent, useRef } from 'react';
import { documentTexts as texts } from '../texts/document-texts.ts';
import { useEditor, usePart } from '../use-editor.ts';
import { closeTab } from './close-tab.ts';
import type { Tab } from './workspace.ts';

/** The open documents of this window. */
export function TabBar() {
  const editor = useEditor();
  const { workspace } = editor;
  const { tabs, active, isStartShown } = usePart(workspace.state, (state) => state);
  const list = useRef<HTMLDivElement>(null);
  const focus = (at: number): void => {
    const tab = tabs[(at + tabs.length) % tabs.length];
    if (tab === undefined) return;
    workspace.activate(tab.key);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-tab="${tab.key}"]`)?.focus());
  };
  const onKeyDown = async (event: KeyboardEvent, tab: Tab, at: number): Promise<void> => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to !== undefined) focus(to);
    else if (event.key === 'Delete') {
      event.preventDefault();
      await closeTab(editor, tab.key);
      requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
      return;
    } else return;
    event.preventDefault();
  };
  return (
    <nav className="document-tabs" aria-label={texts.tabs.name}>
      <button
        type="button"
        className="icon-button is-small"
        aria-label={texts.actions.start}
        title={texts.actions.start}
        aria-pressed={isStartShown || tabs.length === 0}
        onClick={() => workspace.showStart(!isStartShown)}
      >
        <House aria-hidden="true" />
      </button>
      <div ref={list} className="document-tab-list" role="tablist" aria-label={texts.tabs.name} title={texts.tabs.help}>
        {tabs.map((tab, at) => (
          <TabButton
            key={tab.key}
            tab={tab}
            isActive={tab.key === active}
            activate={() => workspace.activate(tab.key)}
            close={() => void closeTab(editor, tab.key)}
            onKeyDown={(event) => void onKeyDown(event, tab, at)}
          />
        ))}
      </div>
      <button
        type="button"
        className="icon-button is-small"
        aria-label={texts.actions.new}
        title={texts.actions.new}
        onClick={() => void workspace.create()}
      >
        <Plus aria-hidden="true" />
      </button>
    </nav>
  );
}

interface TabButtonProps {
  readonly tab: Tab;
  readonly isActive: boolean;
  activate(): void;
  close(): void;
  onKeyDown(event: KeyboardEvent): void;
}

function TabButton({ tab, isActive, activate, close, onKeyDown }: TabButtonProps) {
  const title = usePart(tab.session.state, (state) => state.document.title);
  const path = usePart(tab.session.state, (state) => state.document.path);
  const isDirty = usePart(tab.session.state, (state) => state.isDirty);
  return (
    <div className="document-tab" data-active={isActive || undefined} role="presentation">
      <button
        type="button"
        role="tab"
        className="document-tab-title"
        data-tab={tab.key}
        aria-selected={isActive}
        tabIndex={isActive ? 0 : -1}
        title={path ?? title}
        onClick={activate}
        onKeyDown={onKeyDown}
        onAuxClick={(event) => event.button === 1 && close()}
      >
        <span className="item-title">{title}</span>
        {isDirty ? (
          <span className="unsaved">
            <span className="sr-only">, {texts.tabs.unsaved}</span>
          </span>
        ) : null}
      </button>
      {/* Inside a list of tabs only tabs have a role; Delete and the action “Close tab” do the same. */}
      <button
        type="button"
        className="icon-button is-small"
        tabIndex={-1}
        aria-hidden="true"
        title={texts.tabs.close(title)}
        onClick={close}
      >
        <X aria-hidden="true" />
      </button>
    </div>
  );
}
