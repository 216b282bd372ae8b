import { ArrowUp, Box, File, Folder, Image, Search, Workflow } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { showMoment } from '../show-moment.ts';
import { documentTexts, formatBytes } from '../texts/document-texts.ts';
import { Thumbnail } from '../thumbnail.tsx';
import { useEditor } from '../use-editor.ts';
import { DialogFrame } from './dialog-frame.tsx';
import type { DialogOf, FolderEntry } from './dialog-store.ts';
import { isShown, useFolder } from './picker-folder.ts';

const texts = documentTexts.picker;
const ICONS = { folder: Folder, graph: Workflow, picture: Image, model: Box, other: File } as const;

/** Chooses a file or folder of the host, or a folder and a name to save under. */
export function FilePicker({ dialog }: { readonly dialog: DialogOf<'pick'> | DialogOf<'target'> }) {
  const { workspace } = useEditor();
  const [first] = useState(() => workspace.state.getState().lastFolder);
  const { folder, roots, refusal, enter } = useFolder(first);
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState<string>();
  const isSaving = dialog.kind === 'target';
  const [name, setName] = useState(isSaving ? dialog.args.name : '');
  const kind = isSaving ? 'save' : dialog.args.kind;
  const entries = (folder?.entries ?? []).filter((entry) => isShown(entry, kind) && entry.name.toLowerCase().includes(query.toLowerCase()));
  const entry = entries.find((one) => one.path === chosen);
  const go = (path: string | null): void => {
    setQuery('');
    setChosen(undefined);
    enter(path);
  };

  const mayDone = isSaving
    ? folder?.path != null && folder.isWritable && name.trim() !== ''
    : kind === 'folder'
      ? folder?.path != null
      : entry !== undefined && entry.kind !== 'folder';
  const finish = (taken = entry): void => {
    if (isSaving) {
      if (folder?.path != null && folder.isWritable && name.trim() !== '') dialog.answer({ folder: folder.path, name: name.trim() });
    } else if (taken !== undefined && taken.kind !== 'folder') dialog.answer({ path: taken.path, name: taken.name });
    else if (kind === 'folder' && folder?.path != null) dialog.answer({ path: folder.path, name: folder.path });
  };
  const open = (taken: FolderEntry): void => {
    if (taken.kind === 'folder') go(taken.path);
    else if (isSaving) setName(taken.name);
    else finish(taken);
  };
  const choose = (taken: FolderEntry): void => {
    setChosen(taken.path);
    if (isSaving && taken.kind !== 'folder') setName(taken.name);
  };

  return (
    <DialogFrame title={texts.titles[kind]} className="picker" close={() => dialog.answer(undefined)}>
      <div className="picker-bar">
        <button
          type="button"
          className="icon-button"
          aria-label={texts.up}
          title={texts.up}
          disabled={folder === undefined || (folder.path === null && folder.parent === null)}
          onClick={() => go(folder?.parent ?? null)}
        >
          <ArrowUp aria-hidden="true" />
        </button>
        <span className="picker-path" title={folder?.path ?? undefined}>
          {folder?.path ?? texts.places}
        </span>
        <label className="search-box">
          <Search aria-hidden="true" />
          <span className="sr-only">{texts.search}</span>
          <input type="search" placeholder={texts.search} value={query} onChange={(event) => setQuery(event.target.value)} />
        </label>
      </div>
      <div className="picker-body">
        <nav className="picker-places" aria-label={texts.places}>
          {roots.map((root) => (
            <button
              key={root.path}
              type="button"
              className="picker-place"
              aria-current={folder?.path === root.path || undefined}
              title={root.path}
              onClick={() => go(root.path)}
            >
              <Folder aria-hidden="true" />
              <span>{root.name}</span>
            </button>
          ))}
        </nav>
        <Entries
          label={texts.list(folder?.path ?? texts.places)}
          entries={entries}
          chosen={chosen}
          choose={choose}
          open={open}
          up={() => folder !== undefined && go(folder.parent)}
          takesFocus={!isSaving}
          hasPictures={kind === 'picture' || kind === 'model'}
          empty={folder === undefined ? '' : roots.length === 0 ? texts.noFolders : texts.nothing}
        />
      </div>
      {refusal === undefined ? null : (
        <p className="problem" role="alert">
          {refusal}
        </p>
      )}
      {folder !== undefined && folder.more > 0 ? <p className="hint">{texts.more(folder.more)}</p> : null}
      {isSaving && folder?.path != null && !folder.isWritable ? <p className="hint">{texts.readOnly}</p> : null}
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          finish();
        }}
      >
        {isSaving ? (
          <label className="field is-wide">
            <span className="label">{texts.fileName}</span>
            <input
              type="text"
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.target.value)}
              onFocus={(event) => event.target.select()}
              // biome-ignore lint/a11y/noAutofocus: a dialog takes the focus
              autoFocus
            />
          </label>
        ) : null}
        <footer className="dialog-actions is-end">
          {!isSaving && dialog.args.hasComputer ? (
            <button type="button" className="button is-start" onClick={() => dialog.answer('computer')}>
              {texts.fromComputer}
            </button>
          ) : null}
          <button type="submit" className="button is-primary" disabled={!mayDone}>
            {isSaving ? texts.save : kind === 'folder' ? texts.chooseFolder : kind === 'graph' ? texts.open : texts.choose}
          </button>
          <button type="button" className="button" onClick={() => dialog.answer(undefined)}>
            {documentTexts.dialog.cancel}
          </button>
        </footer>
      </form>
    </DialogFrame>
  );
}

/** The list: arrow keys choose, Enter opens, Backspace goes up, letters find. */
function Entries({
  label,
  entries,
  chosen,
  choose,
  open,
  up,
  empty,
  takesFocus,
  hasPictures,
}: {
  readonly label: string;
  readonly entries: readonly FolderEntry[];
  readonly chosen: string | undefined;
  readonly empty: string;
  readonly takesFocus: boolean;
  /** Files are chosen by what they look like. */
  readonly hasPictures: boolean;
  choose(entry: FolderEntry): void;
  open(entry: FolderEntry): void;
  up(): void;
}) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (takesFocus) list.current?.focus();
  }, [takesFocus]);
  const at = entries.findIndex((entry) => entry.path === chosen);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = entries.length - 1;
    const to = { ArrowDown: Math.min(last, at + 1), ArrowUp: Math.max(0, at - 1), Home: 0, End: last }[event.key];
    const found = to === undefined ? findByLetter(event, entries, at) : entries[to];
    if (found !== undefined) choose(found);
    else if (event.key === 'Enter' && entries[at] !== undefined) open(entries[at]);
    else if (event.key === 'Backspace') up();
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={list}
      role="listbox"
      tabIndex={0}
      className="picker-list"
      data-pictures={hasPictures ? '' : undefined}
      aria-label={label}
      aria-activedescendant={at === -1 ? undefined : `picker-${at}`}
      onKeyDown={onKeyDown}
    >
      {entries.length === 0 ? <p className="empty">{empty}</p> : null}
      {entries.map((entry, index) => {
        const Icon = ICONS[entry.kind];
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus and takes the keys
          <div
            key={entry.path}
            id={`picker-${index}`}
            role="option"
            tabIndex={-1}
            className="picker-entry"
            aria-selected={index === at}
            title={entry.name}
            onClick={() => choose(entry)}
            onDoubleClick={() => open(entry)}
          >
            {entry.kind === 'picture' || entry.kind === 'model' ? (
              <Thumbnail of={{ kind: entry.kind, file: entry.path, stamp: entry.changedMs }}>
                <Icon aria-hidden="true" />
              </Thumbnail>
            ) : (
              <Icon aria-hidden="true" />
            )}
            <span className="item-title">
              {entry.name}
              <span className="sr-only"> {texts.kinds[entry.kind]}</span>
            </span>
            <span className="item-hint figure">{entry.kind === 'folder' || entry.bytes === 0 ? '' : formatBytes(entry.bytes)}</span>
            <span className="item-hint figure">{showMoment(entry.changedMs, Date.now())}</span>
          </div>
        );
      })}
    </div>
  );
}

function findByLetter(event: KeyboardEvent, entries: readonly FolderEntry[], at: number): FolderEntry | undefined {
  if (event.key.length !== 1 || event.key === ' ' || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const letter = event.key.toLowerCase();
  return [...entries.slice(at + 1), ...entries.slice(0, at + 1)].find(({ name }) => name.toLowerCase().startsWith(letter));
}
