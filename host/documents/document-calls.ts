import { z } from 'zod';
import type { DiffEntry } from '../../graphs/diff-graphs.ts';
import type { ModelReference } from '../../nodes/facts.ts';
import { bytes, graphText, problem, problems, size } from '../contract-parts.ts';

const id = z.string().max(100);
/** Chosen by each window, kept while it is reloaded: says whose edits came back. */
const client = z.string().min(1).max(100);
const sequence = size;
const name = z.string().max(500);
const path = z.string().min(1).max(4096);
/** Lines as `writeJournalLine` writes them, one after another. */
const lines = z.string().max(32 * 2 ** 20);

/** A document as lists and tabs show it. */
const documentState = z.object({
  id,
  title: z.string(),
  /** Where `document.save` writes; null: nowhere yet. */
  path: z.string().nullable(),
  /** What it holds is what its file holds. */
  isSaved: z.boolean(),
  isOpen: z.boolean(),
  /** Another process of Emulsion has it open. */
  isElsewhere: z.boolean(),
  sequence,
  /** Milliseconds since 1970. */
  changedMs: z.number(),
});

/** Everything a window needs to show a document with its past: `readRecovery(base, journal)` rebuilds it. */
const openedDocument = z.object({ document: documentState, base: graphText, journal: z.string(), problems });

const source = z.discriminatedUnion('kind', [
  /** One that is open already, or that can be recovered. */
  z.object({ kind: z.literal('document'), id }),
  /** A path from a native dialog, which the shell has exchanged for a token. */
  z.object({ kind: z.literal('token'), token: id }),
  z.object({ kind: z.literal('recent'), id }),
  /** A path that `folder.list` has given. */
  z.object({ kind: z.literal('path'), path }),
  /** A copy of a shipped example. */
  z.object({ kind: z.literal('template'), name }),
  /** What was dropped on the window: a graph file, or a picture that carries its graph. */
  z.object({ kind: z.literal('bytes'), name, bytes }),
]);

const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('token'), token: id }),
  /** A folder that `folder.list` has given, and a file name; the ending may be left out. */
  z.object({ kind: z.literal('folder'), folder: path, name: z.string().min(1).max(500) }),
]);

const version = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: graphText }),
  /** As it is now. */
  z.object({ kind: z.literal('document'), id }),
  /** As its file is now. */
  z.object({ kind: z.literal('file'), id }),
]);

const diffEntry = z.custom<DiffEntry>((value) => typeof value === 'object' && value !== null);
const reference = z.union([path, z.object({ name: path, sha256: z.string().max(64).exactOptional(), family: name.exactOptional() })]);

/** Calls about documents and the files around them. */
export const DOCUMENT_CALLS = {
  /** Begins a document that has no file yet: an empty one, or one with this graph. */
  'document.create': {
    args: z.object({ client, title: name.exactOptional(), graph: graphText.exactOptional() }),
    result: openedDocument,
  },
  /** Opens a document for a window. A file that is open already is the same document for all windows. */
  'document.open': { args: z.object({ client, source }), result: openedDocument },
  /**
   * Adds what happened in a window, `after` so many entries. Answers when it is on the disk. Sent again after a lost answer, it is not
   * added twice. `behind`: somebody else was first; carry out `missed` (null: open the document again) and send what still fits.
   */
  'document.append': {
    args: z.object({ id, client, after: sequence, lines }),
    result: z.discriminatedUnion('outcome', [
      /** The last of these entries has this number. */
      z.object({ outcome: z.literal('added'), sequence }),
      z.object({ outcome: z.literal('behind'), sequence, missed: z.string().nullable() }),
    ]),
  },
  /**
   * Writes the document into its file. Refused with `file.changed` when another program has changed the file meanwhile, until
   * `overwrite` says to. `sequence`: what the window shows; refused with `graph.commandRefused` if there is more.
   */
  'document.save': {
    args: z.object({ id, sequence: sequence.exactOptional(), overwrite: z.boolean().exactOptional() }),
    result: z.object({ document: documentState }),
  },
  /** Writes it into another file, which is its own from then on. Refused with `file.exists` unless `overwrite`. */
  'document.saveAs': {
    args: z.object({ id, sequence: sequence.exactOptional(), target, overwrite: z.boolean().exactOptional() }),
    result: z.object({ document: documentState }),
  },
  /** A window lets go of a document. When no other has it, it is forgotten, or with `keep` stays among those that can be recovered. */
  'document.close': { args: z.object({ id, client, keep: z.boolean() }), result: z.object({}) },
  /** Forgets what could be recovered of a document that is not open. */
  'document.forget': { args: z.object({ id }), result: z.object({}) },
  /** Open ones, and those that can be recovered; last changed first. */
  'document.list': { args: z.object({}), result: z.object({ documents: z.array(documentState) }) },
  'document.rename': { args: z.object({ id, title: name.min(1) }), result: z.object({ document: documentState }) },
  /** What changes from one version to another, in words. */
  'document.diff': { args: z.object({ from: version, to: version }), result: z.object({ changes: z.array(diffEntry), problems }) },
  /** A page that shows a graph without Emulsion, in one file that loads nothing. */
  'document.exportHtml': { args: z.object({ graph: graphText, title: name }), result: z.object({ html: z.string() }) },
  'recent.list': {
    args: z.object({}),
    result: z.object({
      files: z.array(z.object({ id, path: z.string(), title: z.string(), openedMs: z.number(), isMissing: z.boolean() })),
    }),
  },
  /** Forgets one, or all. */
  'recent.clear': { args: z.object({ id: id.exactOptional() }), result: z.object({}) },
  /** What lies in a folder that may be read; null: which folders there are. Hidden files are left out. */
  'folder.list': {
    args: z.object({ path: path.nullable() }),
    result: z.object({
      path: z.string().nullable(),
      /** The folder around it, if that may be read. */
      parent: z.string().nullable(),
      /** Files may be saved here. */
      isWritable: z.boolean(),
      entries: z.array(
        z.object({
          name: z.string(),
          path: z.string(),
          /** Judged by its name; a folder with a diffusers model in it is a model. */
          kind: z.enum(['folder', 'graph', 'picture', 'model', 'other']),
          bytes: size,
          changedMs: z.number(),
        }),
      ),
      /** How many more there are. */
      more: size,
    }),
  },
  /** Keeps a picture that was dropped on the window; `file` is what a file parameter may then hold. */
  'upload.add': {
    args: z.object({ name, bytes }),
    result: z.object({ file: z.string(), widthPx: size, heightPx: size, carriesGraph: z.boolean() }),
  },
  /** What may be meant by a model that is not where a graph says: by hash, then name, then family; best first. */
  'model.suggest': {
    args: z.object({ reference: reference as z.ZodType<ModelReference> }),
    result: z.object({
      suggestions: z.array(
        z.object({
          name: z.string(),
          label: z.string(),
          family: z.string(),
          bundled: z.boolean(),
          because: z.enum(['hash', 'name', 'family']),
        }),
      ),
      /** Files whose hash is not known yet; asking again reads more of them. */
      unread: size,
    }),
  },
} as const satisfies Record<string, { args: z.ZodType; result: z.ZodType }>;

/** Events about documents. */
export const DOCUMENT_EVENTS = {
  /** What a window has added; every window is told, its own too. */
  'document.changed': z.object({ id, client, after: sequence, sequence, lines: z.string() }),
  /** Saved, renamed, opened, closed. */
  'document.state': z.object({ document: documentState }),
  /** Something that keeping it safe ran into. */
  'document.problem': z.object({ id, problem }),
} as const satisfies Record<string, z.ZodType>;
