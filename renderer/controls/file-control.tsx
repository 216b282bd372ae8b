import { drawingUseOf, openDrawing } from '../draw/open-drawing.ts';
import { drawTexts } from '../texts/draw-texts.ts';
import { useEditor } from '../use-editor.ts';
import type { ControlProps, SpecOf } from './control-props.ts';
import { PathField } from './path-field.tsx';

/** A file of the host, by its path; a picture may be drawn too. */
export function FileControl({
  node,
  param,
  spec,
  value,
  change,
  done,
  isRoomy,
}: ControlProps<SpecOf<'file'>> & { readonly isRoomy: boolean }) {
  const editor = useEditor();
  const path = typeof value === 'string' ? value : '';
  const isFolder = spec.holds === 'folder';
  const draw = { label: drawTexts.open[drawingUseOf(editor, node)], open: () => void openDrawing(editor, { node, param }) };
  return (
    <PathField
      title={spec.title}
      doc={spec.doc}
      value={path}
      kind={isFolder ? 'folder' : 'picture'}
      mayBeOpen={spec.default === null}
      change={change}
      done={done}
      draw={isFolder ? undefined : draw}
      isRoomy={isRoomy}
    />
  );
}
