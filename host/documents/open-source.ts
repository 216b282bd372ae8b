import { dirname } from 'node:path';
import { readGraph } from '../../graphs/read-graph.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { fail, ok, type Problem, type Result, warning } from '../../nodes/problem.ts';
import type { CallArgs } from '../contract.ts';
import { loadTemplates } from '../load-templates.ts';
import { hashContent } from './document-info.ts';
import type { DocumentStore, OpenDocument } from './document-store.ts';
import type { FileGrants } from './file-grants.ts';
import { readGraphBytes, readGraphFile } from './read-source.ts';
import type { RecentFiles } from './recent-files.ts';

/** A document for a window, and what opening it found. */
export interface OpenedSource {
  readonly document: OpenDocument;
  readonly problems: readonly Problem[];
}

/** What opening needs. */
export interface OpenParts {
  readonly registry: NodeRegistry;
  readonly templatesFolder: string;
  readonly store: DocumentStore;
  readonly grants: FileGrants;
  readonly recents: RecentFiles;
  /** What was opened here before may be opened again, wherever it lies. */
  readonly trustsRecent: boolean;
}

type Source = CallArgs<'document.open'>['source'];

/** Opens whatever a window may name: one after another, so that a file is one document however often it is asked for. */
export function createSourceOpener(parts: OpenParts): (client: string, source: Source) => Promise<Result<OpenedSource>> {
  let last: Promise<unknown> = Promise.resolve();
  return (client, source) => {
    const next = last.then(() => openSource(parts, client, source));
    last = next.catch(() => undefined);
    return next;
  };
}

async function openSource(parts: OpenParts, client: string, source: Source): Promise<Result<OpenedSource>> {
  const { registry, store, grants, recents } = parts;
  switch (source.kind) {
    case 'document':
      return attach(parts, source.id, client);
    case 'token': {
      const path = grants.redeem(source.token);
      return path.ok ? openFile(parts, client, path.value) : path;
    }
    case 'path':
      return openFile(parts, client, source.path);
    case 'recent': {
      const path = await recents.find(source.id);
      if (path === undefined) return fail('file.missing', 'That file is not among the recent ones any more.');
      if (parts.trustsRecent) grants.trust(path);
      return openFile(parts, client, path);
    }
    case 'template': {
      const templates = await loadTemplates(parts.templatesFolder);
      const template = templates.find((one) => one.name === source.name);
      if (template === undefined) return fail('file.missing', `There is no template ${source.name}.`);
      const { document, problems } = readGraph(template.graph, registry);
      if (document === undefined)
        return fail(problems[0] ?? { code: 'graph.damaged', severity: 'error', message: 'The template is empty.' });
      return begun(await store.create(client, template.title, document, { path: null, fileHash: null, problems }));
    }
    case 'bytes': {
      const found = readGraphBytes(source.name, source.bytes, registry);
      if (!found.ok) return found;
      const { title, document, problems } = found.value;
      return begun(await store.create(client, title, document, { path: null, fileHash: null, problems }));
    }
    default:
      return source satisfies never;
  }
}

async function openFile(parts: OpenParts, client: string, path: string): Promise<Result<OpenedSource>> {
  const { registry, store, grants, recents } = parts;
  const real = await grants.findReadable(path);
  if (!real.ok) return real;
  const known = await store.findByPath(real.value);
  if (known?.isOpen) return attach(parts, known.id, client);
  const found = await readGraphFile(real.value, registry);
  const lost: Problem[] = [];
  if (known !== undefined && !known.isElsewhere) {
    // What was not saved counts for more than what the file holds.
    const resumed = known.isSaved ? undefined : await resume(parts, known.id, client, real.value);
    if (resumed?.ok) return resumed;
    if (!found.ok) return resumed ?? found;
    if (resumed === undefined) await store.forget(known.id);
    else lost.push(warning('file.damaged', `Changes to it that were not saved can't be recovered. ${resumed.problem.message}`));
  }
  if (!found.ok) return found;
  const { title, document, bytes, isPicture } = found.value;
  const problems = [...lost, ...found.value.problems];
  await recents.add(real.value, title);
  const from = isPicture ? { path: null, fileHash: null, problems } : { path: real.value, fileHash: hashContent(bytes), problems };
  if (!isPicture) grants.addBase(dirname(real.value));
  return begun(await store.create(client, title, document, from));
}

async function attach(parts: OpenParts, id: string, client: string): Promise<Result<OpenedSource>> {
  const document = await parts.store.open(id, client);
  if (!document.ok) return document;
  const { path } = document.value.info;
  if (path !== null && parts.trustsRecent) parts.grants.trust(path);
  if (path !== null && (await parts.grants.findReadable(path)).ok) parts.grants.addBase(dirname(path));
  return begun(document);
}

async function resume(parts: OpenParts, id: string, client: string, path: string): Promise<Result<OpenedSource>> {
  const opened = await attach(parts, id, client);
  if (!opened.ok) return opened;
  const sentence = `${path} has changes that were never saved. They were recovered; undo takes them back.`;
  return ok({ ...opened.value, problems: [warning('file.changed', sentence), ...opened.value.problems] });
}

function begun(document: Result<OpenDocument>): Result<OpenedSource> {
  return document.ok ? ok({ document: document.value, problems: document.value.problems }) : document;
}
