import { createStore, type StoreApi } from 'zustand/vanilla';
import { emptyDocument } from '../../graphs/document.ts';
import { startEditing } from '../../graphs/history.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { CallArgs, CallResult } from '../../host/contract.ts';
import type { Result } from '../../nodes/problem.ts';
import type { CanvasPort } from '../editor.ts';
import type { DocumentStore } from '../store/document-store.ts';
import type { SharedDocument } from '../store/inference-store.ts';
import type { NoticeStore } from '../store/notice-store.ts';
import type { PictureStore } from '../store/picture-store.ts';
import type { RunStore } from '../store/run-store.ts';
import type { SelectionStore } from '../store/selection-store.ts';
import { documentTexts as texts } from '../texts/document-texts.ts';
import type { ReconnectingClient } from '../transport/reconnecting-client.ts';
import { createDialogStore, type DialogStore } from './dialog-store.ts';
import { createDocumentSession, type DocumentSession } from './document-session.ts';
import { keepTabView, type TabView } from './tab-view.ts';
import { forgetfulMemory, type WindowMemory } from './window-memory.ts';

/** An open document of this window. */
export interface Tab {
  readonly key: string;
  readonly session: DocumentSession;
}

/** The documents of this window. */
export interface WorkspaceState {
  readonly tabs: readonly Tab[];
  /** Key of the one that is shown; undefined: none is open. */
  readonly active: string | undefined;
  /** The start page is asked for; without a document it is always there. */
  readonly isStartShown: boolean;
  /** True once it is decided what the window begins with. */
  readonly isReady: boolean;
  readonly isDesktop: boolean;
  /** The folder that was looked into last. */
  readonly lastFolder: string | undefined;
}

/** What a workspace works on. */
export interface WorkspaceParts {
  readonly client: ReconnectingClient;
  readonly documents: DocumentStore;
  readonly selection: SelectionStore;
  readonly runs: RunStore;
  readonly pictures: PictureStore;
  readonly notices: NoticeStore;
  canvas(): CanvasPort | undefined;
}

/** The documents that are open in this window, one of which is on the canvas. */
export interface Workspace {
  readonly state: StoreApi<WorkspaceState>;
  readonly dialogs: DialogStore;
  active(): Tab | undefined;
  /** The open document as calls about its graph name it, so that files are looked for beside its own. */
  documentArg(): { readonly document?: string };
  /** The open document as the host has it too. */
  shared(): SharedDocument | undefined;
  /** Every document of this window goes by this memory from now on. */
  setMemory(memory: WindowMemory): void;
  /** Begins a document that has no file; tells why it can't. */
  create(title?: string, graph?: string): Promise<Tab | undefined>;
  /** Opens a document and shows it; `quietly`: a refusal is not told. */
  open(source: CallArgs<'document.open'>['source'], quietly?: boolean): Promise<Tab | undefined>;
  activate(key: string): void;
  /** Takes a tab away and lets go of its document; `keep`: it can be recovered. */
  drop(key: string, keep: boolean): Promise<void>;
  showStart(isStartShown: boolean): void;
}

/** A workspace without documents. */
export function createWorkspace(parts: WorkspaceParts): Workspace {
  const { client, documents, notices } = parts;
  const dialogs = createDialogStore();
  const state = createStore<WorkspaceState>(() => ({
    tabs: [],
    active: undefined,
    isStartShown: false,
    isReady: false,
    isDesktop: false,
    lastFolder: undefined,
  }));
  const views = new Map<string, TabView>();
  let memory = forgetfulMemory();
  let nextKey = 1;
  let isAdopting = false;

  const find = (key: string | undefined): Tab | undefined => state.getState().tabs.find((tab) => tab.key === key);
  const active = (): Tab | undefined => find(state.getState().active);
  const idOf = ({ session }: Tab): string => session.state.getState().document.id;
  const remember = (): void => {
    const shown = active();
    memory.remember({ documents: state.getState().tabs.map(idOf), active: shown && idOf(shown) });
  };

  /** What the top bar says of the document, from what its session knows. */
  const describe = ({ session }: Tab): void => {
    const { document, edit, isDirty } = session.state.getState();
    const now = documents.state.getState();
    const isShownDirty = now.edit.document !== now.saved;
    if (now.name !== document.title) documents.state.setState({ name: document.title });
    if (!isDirty && isShownDirty) documents.state.setState({ saved: edit.document });
    if (isDirty && !isShownDirty) documents.state.setState({ saved: emptyDocument() });
  };

  const leave = (): void => {
    const before = active();
    if (before !== undefined) views.set(before.key, keepTabView(parts));
  };
  const show = (tab: Tab): void => {
    const { edit, document } = tab.session.state.getState();
    state.setState({ active: tab.key, isStartShown: false });
    documents.open(edit, document.title);
    describe(tab);
    const view = views.get(tab.key);
    if (view === undefined) {
      parts.selection.select({});
      parts.runs.follow({ current: undefined, waiting: [] });
      requestAnimationFrame(() => parts.canvas()?.fit());
    } else {
      view.restore();
    }
    remember();
  };
  const activate = (key: string): void => {
    const tab = find(key);
    if (tab === undefined) return;
    if (tab.key === state.getState().active) return void state.setState({ isStartShown: false });
    leave();
    show(tab);
  };

  const take = (opened: Result<CallResult<'document.open'>>, quietly = false): Tab | undefined => {
    if (!opened.ok) {
      if (!quietly) notices.tell(opened.problem.message, 'trouble');
      return undefined;
    }
    const known = state.getState().tabs.find((tab) => idOf(tab) === opened.value.document.id);
    if (known !== undefined) {
      activate(known.key);
      return known;
    }
    const key = `tab-${nextKey++}`;
    const isShown = (): boolean => state.getState().active === key;
    const session = createDocumentSession(
      {
        client,
        window: memory.window,
        shelf: memory.shelf,
        listener: {
          onForeignEdit: (edit) => isShown() && documents.state.setState({ edit }),
          onSentence: (sentence) => notices.tell(sentence, 'trouble'),
        },
      },
      opened.value,
    );
    if (!session.ok) {
      notices.tell(session.problem.message, 'trouble');
      return undefined;
    }
    const tab: Tab = { key, session: session.value };
    session.value.state.subscribe((now, before) => {
      if (isShown()) describe(tab);
      if (now.document.id !== before.document.id) remember();
    });
    leave();
    state.setState(({ tabs }) => ({ tabs: [...tabs, tab] }));
    show(tab);
    const [first, ...more] = opened.value.problems;
    if (first !== undefined) notices.tell(texts.openedWith(first.message, more.length), first.severity === 'error' ? 'trouble' : 'plain');
    return tab;
  };

  const create = async (title?: string, graph?: string): Promise<Tab | undefined> =>
    take(
      await client.call('document.create', {
        client: memory.window,
        ...(title === undefined ? {} : { title }),
        ...(graph === undefined ? {} : { graph }),
      }),
    );

  documents.onJournal((entry) => {
    const tab = active();
    if (tab !== undefined) return tab.session.took(entry, documents.state.getState().edit);
    // Something was done while no document was open: it begins one.
    if (entry.kind !== 'commit' || isAdopting) return;
    isAdopting = true;
    void create(undefined, writeGraph(documents.document())).finally(() => {
      isAdopting = false;
    });
  });
  client.on('document.changed', (event) => {
    for (const { session } of state.getState().tabs) session.onChanged(event);
  });
  client.on('document.state', (event) => {
    for (const { session } of state.getState().tabs) session.onState(event);
  });
  client.on('document.problem', ({ id, problem }) => {
    if (state.getState().tabs.some((tab) => idOf(tab) === id)) notices.tell(problem.message, 'trouble');
  });
  client.watch((isConnected) => {
    if (isConnected) for (const { session } of state.getState().tabs) session.catchUp();
  });

  return {
    state,
    dialogs,
    active,
    documentArg() {
      const tab = active();
      return tab === undefined ? {} : { document: idOf(tab) };
    },
    shared() {
      const tab = active();
      return tab && { id: idOf(tab), shared: tab.session.shared, settle: tab.session.settle };
    },
    setMemory(next) {
      memory = next;
    },
    create,
    open: async (source, quietly) => take(await client.call('document.open', { client: memory.window, source }), quietly),
    activate,
    async drop(key, keep) {
      const { tabs } = state.getState();
      const at = tabs.findIndex((tab) => tab.key === key);
      const tab = tabs[at];
      if (tab === undefined) return;
      const rest = tabs.filter((one) => one !== tab);
      const next = rest[Math.min(at, rest.length - 1)];
      const wasShown = state.getState().active === key;
      views.delete(key);
      state.setState({ tabs: rest, ...(wasShown ? { active: undefined } : {}) });
      if (wasShown && next !== undefined) show(next);
      else if (wasShown) {
        documents.open(startEditing(emptyDocument()), texts.untitled);
        parts.selection.select({});
      }
      remember();
      const closed = await tab.session.close(keep);
      if (!closed.ok && closed.problem.code !== 'contract.closed') notices.tell(closed.problem.message, 'trouble');
    },
    showStart: (isStartShown) => state.setState({ isStartShown }),
  };
}
