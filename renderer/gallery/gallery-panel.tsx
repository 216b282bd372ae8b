import { Columns2 } from 'lucide-react';
import { galleryTexts as texts } from '../texts/gallery-texts.ts';
import { useEditor, usePart } from '../use-editor.ts';
import { ComparePictures } from './compare-pictures.tsx';
import type { GalleryPicture, GalleryStore } from './gallery-store.ts';
import { dragPicture, urlOf } from './picture-actions.ts';
import { ShowPicture } from './show-picture.tsx';

/** Every finished picture, newest first. */
export function GalleryPanel() {
  const { gallery } = useEditor();
  const { pictures, hasMore, chosen } = usePart(gallery.state, (state) => state);
  return (
    <section className="panel-scroll" aria-label={texts.title}>
      <header className="button-row">
        <button
          type="button"
          className="button is-small"
          disabled={chosen.length !== 2}
          title={texts.compareHint}
          onClick={() => gallery.compare(true)}
        >
          <Columns2 size={14} aria-hidden />
          {texts.compare}
        </button>
      </header>
      {pictures.length === 0 ? (
        <p className="empty">{texts.empty}</p>
      ) : (
        <ul className="gallery-grid">
          {pictures.map((picture) => (
            <Tile key={picture.id} picture={picture} gallery={gallery} isChosen={chosen.includes(picture.id)} />
          ))}
        </ul>
      )}
      {hasMore && (
        <button type="button" className="button gallery-more" onClick={() => void gallery.showMore()}>
          {texts.more}
        </button>
      )}
      <ShowPicture gallery={gallery} />
      <ComparePictures gallery={gallery} />
    </section>
  );
}

function Tile({ picture, gallery, isChosen }: { picture: GalleryPicture; gallery: GalleryStore; isChosen: boolean }) {
  const { name } = picture.artifact;
  const editor = useEditor();
  return (
    <li className="gallery-tile" data-chosen={isChosen || undefined}>
      <button
        type="button"
        className="gallery-picture"
        aria-label={texts.show(name)}
        draggable
        onDragStart={(event) => dragPicture(editor, picture, event)}
        onClick={() => gallery.show(picture.id)}
      >
        <img src={urlOf(picture)} alt="" loading="lazy" decoding="async" draggable={false} />
      </button>
      <input
        type="checkbox"
        className="gallery-choose"
        aria-label={texts.choose(name)}
        checked={isChosen}
        onChange={() => gallery.toggle(picture.id)}
      />
    </li>
  );
}
