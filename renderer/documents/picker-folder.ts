import { useCallback, useEffect, useState } from 'react';
import type { CallResult } from '../../host/contract.ts';
import type { PickKind } from '../../host/shell/shell-contract.ts';
import { useEditor } from '../use-editor.ts';
import type { FolderEntry } from './dialog-store.ts';

type Folder = CallResult<'folder.list'>;

/** A folder of the host that is looked into. */
export interface LookedInto {
  /** Undefined: it is being read. */
  readonly folder: Folder | undefined;
  readonly roots: readonly FolderEntry[];
  /** Why a folder can't be read. */
  readonly refusal: string | undefined;
  /** Null: the folder with the folders. */
  enter(path: string | null): void;
}

/** Looks into folders of the host, beginning with the one looked into last, else with the first there is. */
export function useFolder(first: string | undefined): LookedInto {
  const { client, workspace } = useEditor();
  const [folder, setFolder] = useState<Folder>();
  const [roots, setRoots] = useState<readonly FolderEntry[]>([]);
  const [refusal, setRefusal] = useState<string>();
  const enter = useCallback(
    async (path: string | null): Promise<boolean> => {
      const listed = await client.call('folder.list', { path });
      setRefusal(listed.ok ? undefined : listed.problem.message);
      if (!listed.ok) return false;
      setFolder(listed.value);
      workspace.state.setState({ lastFolder: listed.value.path ?? undefined });
      return true;
    },
    [client, workspace],
  );
  useEffect(() => {
    const begin = async (): Promise<void> => {
      const listed = await client.call('folder.list', { path: null });
      if (!listed.ok) return setRefusal(listed.problem.message);
      setRoots(listed.value.entries);
      const start = first ?? listed.value.entries[0]?.path ?? null;
      if (!(await enter(start)) && start !== null) await enter(listed.value.entries[0]?.path ?? null);
    };
    void begin();
  }, [client, enter, first]);
  return { folder, roots, refusal, enter: (path) => void enter(path) };
}

/** Whether an entry is shown to somebody who looks for this kind of thing; folders always are. */
export function isShown(entry: FolderEntry, kind: PickKind | 'save'): boolean {
  if (entry.kind === 'folder') return true;
  switch (kind) {
    case 'graph':
      return entry.kind === 'graph' || entry.kind === 'picture';
    case 'picture':
      return entry.kind === 'picture';
    case 'model':
      return entry.kind === 'model';
    case 'save':
      return entry.kind === 'graph';
    case 'folder':
      return false;
    default:
      return kind satisfies never;
  }
}
