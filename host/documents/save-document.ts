import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { CallArgs } from '../contract.ts';
import { sanitiseName } from '../store/write-picture-file.ts';
import { hashContent } from './document-info.ts';
import type { DocumentStore, OpenDocument } from './document-store.ts';
import { textOf } from './edit-session.ts';
import type { FileGrants } from './file-grants.ts';
import { titleOf } from './read-source.ts';
import type { RecentFiles } from './recent-files.ts';
import { saveFile } from './save-file.ts';

/** What saving needs. */
export interface SaveParts {
  readonly store: DocumentStore;
  readonly grants: FileGrants;
  readonly recents: RecentFiles;
}

/** Writes a document into the file it has. */
export async function saveDocument(
  parts: SaveParts,
  { id, sequence, overwrite }: CallArgs<'document.save'>,
): Promise<Result<OpenDocument>> {
  const document = parts.store.find(id);
  if (!document.ok) return document;
  const { path } = document.value.info;
  if (path === null) return fail('file.missing', `${document.value.info.title} has no file yet. Save it under a name first.`);
  return write(parts, document.value, path, { sequence, overwrite: overwrite ?? false });
}

/** Writes a document into a file that a person named; it is the document's own from then on. */
export async function saveDocumentAs(
  parts: SaveParts,
  { id, sequence, target, overwrite }: CallArgs<'document.saveAs'>,
): Promise<Result<OpenDocument>> {
  const document = parts.store.find(id);
  if (!document.ok) return document;
  const chosen = target.kind === 'token' ? parts.grants.redeem(target.token) : ok(join(target.folder, fileNameOf(target.name)));
  return chosen.ok ? write(parts, document.value, chosen.value, { sequence, overwrite: overwrite ?? false }) : chosen;
}

async function write(
  { store, grants, recents }: SaveParts,
  document: OpenDocument,
  path: string,
  { sequence, overwrite }: { readonly sequence: number | undefined; readonly overwrite: boolean },
): Promise<Result<OpenDocument>> {
  const real = await grants.findWritable(path);
  if (!real.ok) return real;
  const other = await store.findByPath(real.value);
  if (other !== undefined && other.id !== document.id && (other.isOpen || other.isElsewhere)) {
    return fail('file.exists', `${path} is open as another document. Close that first, or choose another name.`);
  }
  const { session } = document;
  return session.exclusively(async () => {
    if (sequence !== undefined && sequence !== session.sequence) {
      return fail('graph.commandRefused', 'Another window has changed this document meanwhile. Look at it, then save again.');
    }
    const text = textOf(session);
    const fileHash = document.info.path === real.value ? document.info.fileHash : null;
    const saved = await saveFile(real.value, text, { fileHash, overwrite });
    if (!saved.ok) return saved;
    const title = titleOf(real.value);
    const remembered = { path: real.value, title, fileHash: saved.value, savedHash: hashContent(text), savedSequence: session.sequence };
    const set = await store.setInfo(document, remembered);
    if (!set.ok) return set;
    grants.addBase(dirname(real.value));
    await recents.add(real.value, title);
    return ok(document);
  });
}

/** A name typed by hand as a file's: nothing that leads elsewhere, and an ending that tells what it is. */
function fileNameOf(name: string): string {
  const safe = sanitiseName(basename(name));
  return /\.json$/i.test(safe) ? safe : `${safe}.emulsion.json`;
}
