import type { DragEvent } from 'react';
import { openText } from '../documents/open-graph.ts';
import type { Editor } from '../editor.ts';
import { galleryTexts as texts } from '../texts/gallery-texts.ts';
import type { GalleryPicture, GalleryStore } from './gallery-store.ts';

/** Where a picture's bytes are fetched from. */
export function urlOf({ artifact }: GalleryPicture): string {
  return `artifact/${artifact.id}`;
}

/** What a picture of the gallery is called while it is dragged within the window: its id. */
export const GALLERY_MIME = 'application/x-emulsion-picture';

/** Begins to drag a picture: onto the canvas, or out of the window, where it becomes a file. */
export function dragPicture(editor: Editor, picture: GalleryPicture, event: DragEvent): void {
  if (editor.workspace.state.getState().isDesktop) {
    // The system drags the file itself; over the window that is a file like any other.
    event.preventDefault();
    void editor.client.call('shell.dragArtifact', { id: picture.artifact.id }).then((dragged) => {
      if (!dragged.ok) editor.notices.tell(dragged.problem.message, 'trouble');
    });
    return;
  }
  const { name, mime } = picture.artifact;
  const { href } = new URL(urlOf(picture), location.href);
  event.dataTransfer.effectAllowed = 'copy';
  // Chromium writes this as a file where it is dropped outside of the window. A colon ends the name.
  event.dataTransfer.setData('DownloadURL', `${mime}:${name.replaceAll(':', '_')}:${href}`);
  event.dataTransfer.setData('text/uri-list', href);
  event.dataTransfer.setData(GALLERY_MIME, String(picture.id));
}

/** A picture of the gallery as a file, as if it came from outside. */
export async function fileOf(gallery: GalleryStore, id: string): Promise<File | undefined> {
  const picture = gallery.state.getState().pictures.find((one) => String(one.id) === id);
  const answer = picture && (await fetch(urlOf(picture)).catch(() => undefined));
  if (picture === undefined || answer?.ok !== true) return undefined;
  return new File([await answer.blob()], picture.artifact.name, { type: picture.artifact.mime });
}

/** Opens the graph that made a picture. */
export async function openGraphOf(editor: Editor, gallery: GalleryStore, picture: GalleryPicture): Promise<void> {
  const found = await gallery.graphOf(picture.id);
  if (!found.ok) editor.notices.tell(found.problem.message, 'trouble');
  else if (openText(editor, found.value.graph, picture.artifact.name.replace(/\.\w+$/, ''))) gallery.show(undefined);
}

/** Puts a picture into the clipboard, as PNG: the only kind that browsers take. */
export async function copyPicture(editor: Editor, picture: GalleryPicture): Promise<void> {
  try {
    const png = fetch(urlOf(picture)).then(async (answer) => toPng(await answer.blob()));
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
    editor.notices.tell(texts.copied);
  } catch {
    editor.notices.tell(texts.copyFailed, 'trouble');
  }
}

/** Shows a picture's file in the system's file manager; only the desktop window can. */
export async function showInFolder(editor: Editor, picture: GalleryPicture): Promise<void> {
  const shown = await editor.client.call('shell.showArtifact', { id: picture.artifact.id });
  if (!shown.ok) editor.notices.tell(shown.problem.message, 'trouble');
}

async function toPng(blob: Blob): Promise<Blob> {
  if (blob.type === 'image/png') return blob;
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}
