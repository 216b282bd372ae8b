import { FilePlus, FolderOpen, Trash2, X } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { CallResult } from '../../host/contract.ts';
import { useAction } from '../actions/actions-context.ts';
import type { HostDocument } from '../documents/document-session.ts';
import { showMoment } from '../show-moment.ts';
import { documentTexts } from '../texts/document-texts.ts';
import { useEditor, useHost, usePart } from '../use-editor.ts';
import { TemplateCard } from './template-card.tsx';

const texts = documentTexts.start;

/** More than this push the templates out of sight. */
const MOST_RECENT = 8;

/** The template that needs nothing but what is bundled. */
const STARTER = 'starter';

type Recent = CallResult<'recent.list'>['files'][number];

/** Where work begins: templates, recent files, and what was never saved. Over the canvas while no graph is open, or when asked for. */
export function StartPage() {
  const { workspace } = useEditor();
  const isShown = usePart(workspace.state, ({ isReady, isStartShown, active }) => isReady && (isStartShown || active === undefined));
  return isShown ? <Page /> : null;
}

function Page() {
  const { client, workspace } = useEditor();
  const templates = useHost((host) => host.templates);
  const hasDocument = usePart(workspace.state, ({ active }) => active !== undefined);
  const [recent, setRecent] = useState<readonly Recent[]>([]);
  const [documents, setDocuments] = useState<readonly HostDocument[]>([]);
  const page = useRef<HTMLElement>(null);

  const load = useCallback(async (): Promise<void> => {
    const [files, listed] = await Promise.all([client.call('recent.list', {}), client.call('document.list', {})]);
    if (files.ok) setRecent(files.value.files);
    if (listed.ok) setDocuments(listed.value.documents);
  }, [client]);
  useEffect(() => {
    void load();
    const stopWatching = client.watch((isConnected) => isConnected && void load());
    const stop = client.on('document.state', () => void load());
    return () => {
      stopWatching();
      stop();
    };
  }, [client, load]);
  useEffect(() => {
    // What lies under the page can't be reached while it is there.
    const canvas = document.querySelector<HTMLElement>('main.canvas');
    canvas?.toggleAttribute('inert', true);
    page.current?.focus();
    return () => void canvas?.toggleAttribute('inert', false);
  }, []);

  const opened = new Set(usePart(workspace.state, ({ tabs }) => tabs).map(({ session }) => session.state.getState().document.id));
  const unsaved = documents.filter((one) => !one.isSaved && !opened.has(one.id) && (one.path !== null || one.sequence > 0));
  const startersFirst = templates.toSorted((a, b) => Number(b.name === STARTER) - Number(a.name === STARTER));
  const close = (): void => workspace.showStart(false);
  return (
    <main
      ref={page}
      className="start-page"
      aria-label={texts.title}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && hasDocument) close();
      }}
    >
      <div className="start-inner">
        <header className="start-head">
          <h2>{texts.title}</h2>
          <StartAction id="file.new" label={texts.newGraph} icon={<FilePlus aria-hidden="true" />} />
          <StartAction id="file.open" label={texts.open} icon={<FolderOpen aria-hidden="true" />} />
          {hasDocument ? (
            <button type="button" className="icon-button" aria-label={texts.dismiss} title={texts.dismiss} onClick={close}>
              <X aria-hidden="true" />
            </button>
          ) : null}
        </header>
        {unsaved.length === 0 ? null : <Unsaved documents={unsaved} reload={load} />}
        {recent.length === 0 ? null : <RecentFiles files={recent} reload={load} />}
        <section>
          <h3>{texts.templates}</h3>
          <ul className="template-cards">
            {startersFirst.map((template) => (
              <TemplateCard key={template.name} template={template} />
            ))}
          </ul>
        </section>
      </div>
    </main>
  );
}

function StartAction({ id, label, icon }: { readonly id: string; readonly label: string; readonly icon: React.ReactNode }) {
  const { run, ariaKeys } = useAction(id);
  return (
    <button type="button" className="button" aria-keyshortcuts={ariaKeys} onClick={run}>
      {icon}
      {label}
    </button>
  );
}

function Unsaved({ documents, reload }: { readonly documents: readonly HostDocument[]; reload(): Promise<void> }) {
  const { client, workspace, notices } = useEditor();
  const forget = async ({ id, title }: HostDocument): Promise<void> => {
    const t = texts.forgetting;
    const choices = [{ id: 'forget', label: t.forget, tone: 'danger' }] as const;
    if ((await workspace.dialogs.ask('question', { title: t.title(title), message: t.message, choices })) !== 'forget') return;
    const forgotten = await client.call('document.forget', { id });
    if (!forgotten.ok) notices.tell(forgotten.problem.message, 'trouble');
    await reload();
  };
  return (
    <section>
      <h3>{texts.recoverable}</h3>
      <ul className="start-list">
        {documents.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              className="start-file"
              disabled={one.isElsewhere}
              title={one.path ?? undefined}
              onClick={() => void workspace.open({ kind: 'document', id: one.id })}
            >
              <span className="item-title">{one.title}</span>
              <span className="item-hint">{one.isElsewhere ? texts.elsewhere : one.isOpen ? texts.isOpen : (one.path ?? texts.never)}</span>
              <span className="item-hint figure">{showMoment(one.changedMs, Date.now())}</span>
            </button>
            {one.isOpen || one.isElsewhere ? null : (
              <button
                type="button"
                className="icon-button is-small"
                aria-label={texts.forget(one.title)}
                title={texts.forget(one.title)}
                onClick={() => void forget(one)}
              >
                <Trash2 aria-hidden="true" />
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function RecentFiles({ files, reload }: { readonly files: readonly Recent[]; reload(): Promise<void> }) {
  const { client, workspace } = useEditor();
  const clear = async (id?: string): Promise<void> => {
    await client.call('recent.clear', id === undefined ? {} : { id });
    await reload();
  };
  return (
    <section>
      <h3>
        {texts.recent}
        <button type="button" className="link" onClick={() => void clear()}>
          {texts.clearRecent}
        </button>
      </h3>
      <ul className="start-list">
        {files.slice(0, MOST_RECENT).map(({ id, path, title, openedMs, isMissing }) => (
          <li key={id}>
            <button
              type="button"
              className="start-file"
              title={path}
              disabled={isMissing}
              onClick={() => void workspace.open({ kind: 'recent', id })}
            >
              <span className="item-title">{title}</span>
              <span className="item-hint">{isMissing ? texts.missing : path}</span>
              <span className="item-hint figure">{showMoment(openedMs, Date.now())}</span>
            </button>
            <button
              type="button"
              className="icon-button is-small"
              aria-label={texts.forget(title)}
              title={texts.forget(title)}
              onClick={() => void clear(id)}
            >
              <X aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
