import type { CallArgs } from '../../host/contract.ts';
import type { ReconnectingClient } from '../transport/reconnecting-client.ts';
import { createKeyedStore, type KeyedStore } from './keyed-store.ts';

/** What a small picture is wanted of. */
export interface ThumbnailOf {
  readonly kind: CallArgs<'file.thumbnail'>['kind'];
  /** What a parameter holds, or a folder lists. */
  readonly file: string;
  /** Differs when the file is another one: its time, say. */
  readonly stamp?: number | undefined;
}

/** A small picture of a file. */
export interface ShownThumbnail {
  readonly url: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Small pictures of files, each asked for once. */
export interface ThumbnailStore {
  /** By `keyOf`; null: there is none. */
  readonly shown: KeyedStore<ShownThumbnail | null>;
  keyOf(of: ThumbnailOf): string;
  /** Has one fetched, unless it is there or on its way. */
  want(of: ThumbnailOf): void;
}

/** An empty store; it forgets all when the host is another one. `toUrl` gives the address of an artifact. */
export function createThumbnailStore(
  client: ReconnectingClient,
  toUrl: (artifact: string) => string,
  documentArg: () => { readonly document?: string },
): ThumbnailStore {
  const shown = createKeyedStore<ShownThumbnail | null>();
  const wanted = new Set<string>();
  client.watch((isConnected) => {
    if (isConnected) return;
    wanted.clear();
    shown.clear();
  });
  const keyOf = ({ kind, file, stamp = 0 }: ThumbnailOf): string => JSON.stringify([documentArg().document ?? null, kind, file, stamp]);
  return {
    shown,
    keyOf,
    want(of) {
      const key = keyOf(of);
      if (wanted.has(key) || of.file === '') return;
      wanted.add(key);
      void client.call('file.thumbnail', { kind: of.kind, file: of.file, ...documentArg() }).then((answer) => {
        if (!answer.ok) return void wanted.delete(key);
        const { picture } = answer.value;
        shown.set(key, picture && { url: toUrl(picture.id), widthPx: picture.widthPx, heightPx: picture.heightPx });
      });
    },
  };
}
