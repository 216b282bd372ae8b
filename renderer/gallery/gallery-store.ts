import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallResult } from '../../host/contract.ts';
import type { Result } from '../../nodes/problem.ts';
import type { ReconnectingClient } from '../transport/reconnecting-client.ts';

/** A finished picture as the host lists it. */
export type GalleryPicture = CallResult<'gallery.list'>['pictures'][number];

/** The part of the gallery that is here. */
export interface GalleryState {
  /** Newest first. */
  readonly pictures: readonly GalleryPicture[];
  readonly hasMore: boolean;
  /** Pictures chosen for comparing, first chosen first; two at most. */
  readonly chosen: readonly number[];
  /** The picture that is shown large. */
  readonly shown: number | undefined;
  readonly isComparing: boolean;
}

/** Follows the host's gallery. */
export interface GalleryStore {
  readonly state: StoreApi<GalleryState>;
  showMore(): Promise<void>;
  /** Chooses a picture, or gives it up; the one chosen first makes room for a third. */
  toggle(id: number): void;
  show(id: number | undefined): void;
  compare(isComparing: boolean): void;
  remove(id: number): Promise<Result<unknown>>;
  graphOf(id: number): Promise<Result<{ readonly graph: string }>>;
}

const PAGE = 60;
const MOST_CHOSEN = 2;

/** A store that begins with the newest pictures, again after every reconnection. */
export function createGalleryStore(client: ReconnectingClient): GalleryStore {
  const state = createStore<GalleryState>(() => ({ pictures: [], hasMore: false, chosen: [], shown: undefined, isComparing: false }));
  const load = async (beforeId: number | null): Promise<void> => {
    const listed = await client.call('gallery.list', { limit: PAGE, beforeId });
    if (!listed.ok) return;
    const { pictures } = listed.value;
    state.setState((now) => ({
      pictures:
        beforeId === null ? pictures : [...now.pictures, ...pictures.filter(({ id }) => !now.pictures.some((one) => one.id === id))],
      hasMore: pictures.length === PAGE,
    }));
  };
  client.on('gallery.added', ({ picture }) => {
    state.setState(({ pictures }) => ({ pictures: [picture, ...pictures.filter(({ id }) => id !== picture.id)] }));
  });
  client.watch((isConnected) => {
    if (isConnected) void load(null);
  });
  return {
    state,
    showMore: () => load(state.getState().pictures.at(-1)?.id ?? null),
    toggle(id) {
      state.setState(({ chosen }) => ({
        chosen: chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-MOST_CHOSEN),
      }));
    },
    show: (shown) => state.setState({ shown }),
    compare: (isComparing) => state.setState({ isComparing }),
    async remove(id) {
      const removed = await client.call('gallery.remove', { id });
      if (removed.ok) {
        state.setState(({ pictures, chosen, shown }) => ({
          pictures: pictures.filter((one) => one.id !== id),
          chosen: chosen.filter((one) => one !== id),
          shown: shown === id ? undefined : shown,
        }));
      }
      return removed;
    },
    graphOf: (id) => client.call('gallery.graph', { id }),
  };
}
