import { ChevronLeft, ChevronRight, Copy, Download, FileInput, FolderOpen, Trash2, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { showDuration } from '../show-duration.ts';
import { showMoment } from '../show-moment.ts';
import { galleryTexts as texts } from '../texts/gallery-texts.ts';
import { useEditor, usePart } from '../use-editor.ts';
import type { GalleryPicture, GalleryStore } from './gallery-store.ts';
import { copyPicture, dragPicture, openGraphOf, showInFolder, urlOf } from './picture-actions.ts';

/** One picture, large, with where it came from. */
export function ShowPicture({ gallery }: { readonly gallery: GalleryStore }) {
  const { pictures, shown } = usePart(gallery.state, (state) => state);
  const editor = useEditor();
  const at = pictures.findIndex(({ id }) => id === shown);
  const picture = pictures[at];
  const step = (by: -1 | 1): void => {
    const other = pictures[at + by];
    if (other !== undefined) gallery.show(other.id);
  };
  return (
    <Dialog.Root open={picture !== undefined} onOpenChange={(isOpen) => isOpen || gallery.show(undefined)}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-shade" />
        {picture !== undefined && (
          <Dialog.Content
            className="dialog picture-dialog"
            aria-describedby={undefined}
            onKeyDown={(event) => {
              if (event.key === 'ArrowLeft') step(-1);
              if (event.key === 'ArrowRight') step(1);
            }}
          >
            <header className="dialog-head">
              <Dialog.Title className="dialog-title">{picture.artifact.name}</Dialog.Title>
              <Dialog.Close className="icon-button" aria-label={texts.close} title={texts.close}>
                <X size={16} />
              </Dialog.Close>
            </header>
            <div className="picture-stage">
              <button
                type="button"
                className="icon-button"
                aria-label={texts.previous}
                title={texts.previous}
                disabled={at === 0}
                onClick={() => step(-1)}
              >
                <ChevronLeft size={18} />
              </button>
              <img
                className="picture-large"
                src={urlOf(picture)}
                alt={picture.artifact.name}
                onDragStart={(event) => dragPicture(editor, picture, event)}
              />
              <button
                type="button"
                className="icon-button"
                aria-label={texts.next}
                title={texts.next}
                disabled={at === pictures.length - 1}
                onClick={() => step(1)}
              >
                <ChevronRight size={18} />
              </button>
            </div>
            <Facts picture={picture} />
            <Actions picture={picture} gallery={gallery} />
          </Dialog.Content>
        )}
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Facts({ picture: { artifact, seed, madeMs, durationMs } }: { readonly picture: GalleryPicture }) {
  const facts = [
    [texts.facts.size, texts.size(artifact.widthPx, artifact.heightPx)],
    [texts.facts.seed, seed],
    [texts.facts.made, showMoment(madeMs, Date.now())],
    [texts.facts.took, durationMs === null ? null : showDuration(durationMs)],
  ] as const;
  return (
    <dl className="picture-facts">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Actions({ picture, gallery }: { readonly picture: GalleryPicture; readonly gallery: GalleryStore }) {
  const editor = useEditor();
  const isDesktop = usePart(editor.workspace.state, (state) => state.isDesktop);
  const remove = async (): Promise<void> => {
    const removed = await gallery.remove(picture.id);
    if (!removed.ok) editor.notices.tell(removed.problem.message, 'trouble');
  };
  return (
    <footer className="dialog-actions">
      <button type="button" className="button is-primary" onClick={() => void openGraphOf(editor, gallery, picture)}>
        <FileInput size={14} aria-hidden /> {texts.openGraph}
      </button>
      <button type="button" className="button" onClick={() => void copyPicture(editor, picture)}>
        <Copy size={14} aria-hidden /> {texts.copy}
      </button>
      <a className="button" href={urlOf(picture)} download={picture.artifact.name}>
        <Download size={14} aria-hidden /> {texts.save}
      </a>
      {isDesktop ? (
        <button type="button" className="button" onClick={() => void showInFolder(editor, picture)}>
          <FolderOpen size={14} aria-hidden /> {texts.showInFolder}
        </button>
      ) : null}
      <button type="button" className="button" onClick={() => void remove()}>
        <Trash2 size={14} aria-hidden /> {texts.remove}
      </button>
    </footer>
  );
}
