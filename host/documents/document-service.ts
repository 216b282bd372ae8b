import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diffGraphs } from '../../graphs/diff-graphs.ts';
import { emptyDocument, type GraphDocument } from '../../graphs/document.ts';
import { readGraph } from '../../graphs/read-graph.ts';
import { fail, ok, type Problem, type Result } from '../../nodes/problem.ts';
import type { CallArgs, CallResult, Handlers, NamedEvent } from '../contract.ts';
import type { Host } from '../create-host.ts';
import type { FilePolicy } from '../file-access.ts';
import { listModels } from '../list-models.ts';
import { problemsBeforeRun } from '../problems-before-run.ts';
import type { DOCUMENT_CALLS } from './document-calls.ts';
import { createDocumentStore, type DocumentState } from './document-store.ts';
import { textOf } from './edit-session.ts';
import { exportHtml } from './export-html.ts';
import { createFileGrants, type FileGrants } from './file-grants.ts';
import { givePlaces } from './give-places.ts';
import { listFolder, listRoots } from './list-folder.ts';
import { createSourceOpener, type OpenedSource } from './open-source.ts';
import { readGraphFile } from './read-source.ts';
import { createRecentFiles } from './recent-files.ts';
import { saveDocument, saveDocumentAs } from './save-document.ts';
import { createModelSuggester } from './suggest-models.ts';
import { addUpload } from './uploads.ts';
import { createWindowPresence, type WindowPresence } from './window-presence.ts';

const UNTITLED = 'Untitled';

/** A page that is loaded anew, or that has lost its connection, is back within it. */
const GRACE_MS = 5000;

/** What documents are kept and opened with. */
export interface DocumentServiceParts {
  readonly host: Host;
  readonly policy: FilePolicy;
  readonly templatesFolder: string;
  /** Null: what is kept goes with the process. */
  readonly stateFolder: string | null;
  /** What was opened here before may be opened again wherever it lies: the desktop, where a person chose it in a dialog. */
  readonly trustsRecent?: boolean;
  /** How long documents of a window are kept open after its connection has closed. */
  readonly graceMs?: number;
  publish(event: NamedEvent): void;
}

/** The contract's calls about documents. */
export interface DocumentService {
  readonly handlers: Pick<Handlers, keyof typeof DOCUMENT_CALLS>;
  /**
   * The policy with what documents add to it: uploads, folders of open documents, what a person chose. The folder of the open document
   * named comes first.
   */
  policyOf(document: string | undefined): FilePolicy;
  /** The open document of that name with the number of its last entry, once all that windows have sent is in it. */
  read(document: string): Promise<Result<{ readonly document: GraphDocument; readonly sequence: number }>>;
  /** For the shell: exchanges what a person chose in a native dialog. */
  readonly grants: Pick<FileGrants, 'grantFile' | 'grantFolder'>;
  /** Documents of windows that are gone are let go of; they can be recovered. */
  readonly presence: WindowPresence;
  /** Lets go of all documents; they can be recovered. */
  close(): Promise<void>;
}

/** Opens the documents of a state folder. Nothing is read or written before the first call. */
export function createDocumentService(parts: DocumentServiceParts): DocumentService {
  const { host, publish } = parts;
  const { registry } = host;
  const folder = parts.stateFolder ?? join(tmpdir(), `emulsion-${process.pid}-${randomBytes(8).toString('hex')}`);
  const uploadsFolder = join(folder, 'uploads');
  const grants = createFileGrants(parts.policy, { templatesFolder: parts.templatesFolder, uploadsFolder });
  const recents = createRecentFiles(folder);
  const suggester = createModelSuggester();
  const store = createDocumentStore(join(folder, 'documents'), {
    onAdded: (id, added) => publish({ name: 'document.changed', payload: { id, ...added } }),
    onState: (document) => publish({ name: 'document.state', payload: { document } }),
    onProblem: (id, problem) => publish({ name: 'document.problem', payload: { id, problem } }),
  });
  const trustsRecent = parts.trustsRecent ?? false;
  const open = createSourceOpener({ registry, templatesFolder: parts.templatesFolder, store, grants, recents, trustsRecent });
  const presence = createWindowPresence(parts.graceMs ?? GRACE_MS, (window) => void store.leave(window));
  const saving = { store, grants, recents };

  const show = async (opened: Result<OpenedSource>): Promise<Result<CallResult<'document.open'>>> => {
    if (!opened.ok) return opened;
    const { document, problems } = opened.value;
    const { base, journal, sequence } = await document.session.read();
    return ok({ document: { ...store.stateOf(document), sequence }, base, journal, problems: [...problems] });
  };
  const stateOf = (saved: Awaited<ReturnType<typeof saveDocument>>): Result<{ document: DocumentState }> =>
    saved.ok ? ok({ document: store.stateOf(saved.value) }) : saved;
  const readVersion = async (version: CallArgs<'document.diff'>['from']): Promise<ReturnType<typeof readText>> => {
    if (version.kind === 'text') return readText(version.text);
    const document = store.find(version.id);
    if (!document.ok) return document;
    if (version.kind === 'document') return readText(textOf(document.value.session));
    const { path, title } = document.value.info;
    if (path === null) return fail('file.missing', `${title} has no file yet, so there is nothing to compare with.`);
    const real = await grants.findReadable(path);
    return real.ok ? readGraphFile(real.value, registry) : real;
  };
  const readText = (text: string) => {
    const { document, problems } = readGraph(text, registry);
    return document === undefined ? fail(firstProblem(problems)) : ok({ document, problems });
  };

  return {
    policyOf(id) {
      const found = id === undefined ? undefined : store.find(id);
      const path = found?.ok ? found.value.info.path : null;
      return path === null ? grants.policy : grants.policyFrom(dirname(path));
    },
    async read(id) {
      const found = store.find(id);
      if (!found.ok) return found;
      const { session } = found.value;
      return session.exclusively(async () => ok({ document: session.state.document, sequence: session.sequence }));
    },
    grants,
    presence,
    async close() {
      presence.close();
      await store.closeAll();
      if (parts.stateFolder === null) await rm(folder, { recursive: true, force: true });
    },
    handlers: {
      async 'document.create'({ client, title, graph }) {
        const read = graph === undefined ? ok({ document: emptyDocument(), problems: [] }) : readText(graph);
        if (!read.ok) return read;
        const { document, problems } = read.value;
        const created = await store.create(client, title ?? UNTITLED, givePlaces(document, registry), {
          path: null,
          fileHash: null,
          problems,
        });
        return show(created.ok ? ok({ document: created.value, problems }) : created);
      },
      'document.open': async ({ client, source }) => show(await open(client, source)),
      async 'document.append'({ id, client, after, lines }) {
        const known = store.find(id);
        // A window whose host was started anew goes on where it was.
        const document = known.ok && known.value.clients.has(client) ? known : await store.open(id, client);
        return document.ok ? document.value.session.append(client, after, lines) : document;
      },
      'document.save': async (args) => stateOf(await saveDocument(saving, args)),
      'document.saveAs': async (args) => stateOf(await saveDocumentAs(saving, args)),
      async 'document.close'({ id, client, keep }) {
        const closed = await store.close(id, client, keep);
        return closed.ok ? ok({}) : closed;
      },
      async 'document.forget'({ id }) {
        const forgotten = await store.forget(id);
        return forgotten.ok ? ok({}) : forgotten;
      },
      'document.list': async () => ok({ documents: await store.list() }),
      async 'document.rename'({ id, title }) {
        const document = store.find(id);
        if (!document.ok) return document;
        const set = await document.value.session.exclusively(() => store.setInfo(document.value, { title }));
        return set.ok ? stateOf(document) : set;
      },
      async 'document.diff'({ from, to }) {
        const [a, b] = [await readVersion(from), await readVersion(to)];
        if (!a.ok) return a;
        if (!b.ok) return b;
        const problems = [a, b].flatMap(({ value }) => problemsBeforeRun(value.document, value.problems));
        return ok({ changes: diffGraphs(a.value.document, b.value.document, registry), problems });
      },
      async 'document.exportHtml'({ graph, title }) {
        const read = readText(graph);
        return read.ok ? ok({ html: exportHtml(read.value.document, title, registry) }) : read;
      },
      async 'recent.list'() {
        const files = await recents.list();
        const isShown = await Promise.all(files.map(async ({ path }) => trustsRecent || !isOutside(await grants.findReadable(path))));
        return ok({ files: files.filter((_, at) => isShown[at]) });
      },
      async 'recent.clear'({ id }) {
        await recents.clear(id);
        return ok({});
      },
      'folder.list': async ({ path }) => (path === null ? ok(await listRoots(grants)) : listFolder(path, grants)),
      'upload.add': ({ name, bytes }) => addUpload(uploadsFolder, name, bytes),
      async 'model.suggest'({ reference }) {
        const { models } = await listModels(grants.policy, host.readModelFacts);
        return ok(await suggester.suggest(reference, models));
      },
    },
  };
}

function isOutside(found: Result<string>): boolean {
  return !found.ok && found.problem.code === 'file.outside';
}

function firstProblem(problems: readonly Problem[]): Problem {
  return problems[0] ?? { code: 'graph.damaged', severity: 'error', message: 'The graph is empty.' };
}
