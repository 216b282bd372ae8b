import { createKeyedStore, type KeyedStore } from './keyed-store.ts';

/** A picture that a node shows. */
export interface ShownPicture {
  readonly url: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Work in progress, not a result. */
  readonly isPreview: boolean;
}

/** A picture as it arrives. */
export interface ArrivingPicture {
  readonly mime: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bytes: Uint8Array;
}

/** The picture of each node. Previews are taken once a frame and only the latest counts. */
export interface PictureStore {
  readonly shown: KeyedStore<ShownPicture>;
  preview(node: string, picture: ArrivingPicture): void;
  /** A finished picture; `url` leads to it. */
  finish(node: string, picture: Omit<ShownPicture, 'isPreview'>): void;
  clear(): void;
}

/** A store without pictures. `onNextFrame` is `requestAnimationFrame` where there is a window. */
export function createPictureStore(onNextFrame: (act: () => void) => void): PictureStore {
  const shown = createKeyedStore<ShownPicture>();
  const arriving = new Map<string, ArrivingPicture>();
  let isAwaited = false;

  const show = (node: string, picture: ShownPicture | undefined): void => {
    const before = shown.get(node);
    shown.set(node, picture);
    // The picture element has the next address by then, so the old one is read by nobody.
    if (before?.url.startsWith('blob:')) setTimeout(() => URL.revokeObjectURL(before.url), 1000);
  };
  const takeArriving = (): void => {
    isAwaited = false;
    for (const [node, { bytes, mime, widthPx, heightPx }] of arriving) {
      show(node, { url: toUrl(bytes, mime), widthPx, heightPx, isPreview: true });
    }
    arriving.clear();
  };

  return {
    shown,
    preview(node, picture) {
      arriving.set(node, picture);
      if (isAwaited) return;
      isAwaited = true;
      onNextFrame(takeArriving);
    },
    finish(node, picture) {
      arriving.delete(node);
      show(node, { ...picture, isPreview: false });
    },
    clear() {
      arriving.clear();
      for (const [node] of [...shown.entries()]) show(node, undefined);
    },
  };
}

/** Small pictures go into their address: making and dropping an object for each takes longer than the picture itself. */
const MOST_INLINE_BYTES = 2 ** 15;

function toUrl(bytes: Uint8Array, mime: string): string {
  if (bytes.length <= MOST_INLINE_BYTES) return `data:${mime};base64,${btoa(String.fromCharCode(...bytes))}`;
  // A copy: what arrived is a view on a larger frame.
  return URL.createObjectURL(new Blob([bytes.slice()], { type: mime }));
}
