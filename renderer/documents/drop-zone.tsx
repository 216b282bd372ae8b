import { useEffect, useState } from 'react';
import { nodeId } from '../../graphs/document.ts';
import { fileOf, GALLERY_MIME } from '../gallery/picture-actions.ts';
import { documentTexts as texts } from '../texts/document-texts.ts';
import { useEditor } from '../use-editor.ts';
import { dropFiles } from './drop-files.ts';

/** Takes files and pictures of the gallery that are dropped anywhere on the window, and shows that it would. */
export function DropZone() {
  const editor = useEditor();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = ({ dataTransfer }: DragEvent): boolean =>
      dataTransfer?.types.some((type) => type === 'Files' || type === GALLERY_MIME) === true;
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      setOver(false);
      if (event.defaultPrevented || !hasFiles(event)) return;
      event.preventDefault();
      const files = [...(event.dataTransfer?.files ?? [])];
      const shown = event.dataTransfer?.getData(GALLERY_MIME) ?? '';
      const { canvas } = editor;
      const isOnCanvas = event.target instanceof Element && event.target.closest('.canvas') !== null;
      const at = isOnCanvas ? canvas?.toCanvas({ x: event.clientX, y: event.clientY }) : canvas?.newPlace().position;
      const body = event.target instanceof Element ? event.target.closest('[data-node-body]') : null;
      const onto = body instanceof HTMLElement && body.dataset.nodeBody ? nodeId(body.dataset.nodeBody) : undefined;
      const how = { at: at ?? { x: 0, y: 0 }, isInto: event.altKey, onto };
      if (shown === '') void dropFiles(editor, files, how);
      else void fileOf(editor.gallery, shown).then((file) => file && dropFiles(editor, [file], how));
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [editor]);
  return isOver ? (
    <div className="drop-zone" aria-hidden="true">
      <span>{texts.drop.here}</span>
    </div>
  ) : null;
}
