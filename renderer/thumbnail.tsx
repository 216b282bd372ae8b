import { type ReactNode, useEffect, useRef } from 'react';
import type { ShownThumbnail, ThumbnailOf } from './store/thumbnail-store.ts';
import { useEditor, useKeyed } from './use-editor.ts';

/** The small picture of a file, asked for at once; undefined as long as there is none. */
export function useThumbnail(of: ThumbnailOf): ShownThumbnail | undefined {
  const { thumbnails } = useEditor();
  const { kind, file, stamp } = of;
  useEffect(() => thumbnails.want({ kind, file, stamp }), [thumbnails, kind, file, stamp]);
  return useKeyed(thumbnails.shown, thumbnails.keyOf(of)) ?? undefined;
}

/** A small picture of a file where it is scrolled into view, and something else until there is one. Says nothing: its name stands beside it. */
export function Thumbnail({ of, children }: { readonly of: ThumbnailOf; readonly children: ReactNode }) {
  const { thumbnails } = useEditor();
  const place = useRef<HTMLSpanElement>(null);
  const { kind, file, stamp } = of;
  const picture = useKeyed(thumbnails.shown, thumbnails.keyOf(of));
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      thumbnails.want({ kind, file, stamp });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [thumbnails, kind, file, stamp]);
  return (
    <span ref={place} className="file-thumbnail" aria-hidden="true">
      {picture ? <img src={picture.url} alt="" width={picture.widthPx} height={picture.heightPx} draggable={false} /> : children}
    </span>
  );
}
