import { type NodeProps, NodeResizer } from '@xyflow/react';
import { type CSSProperties, memo } from 'react';
import { isColor } from '../../nodes/parse-color.ts';
import { changeFrame } from '../operations/canvas-items.ts';
import { texts } from '../texts.ts';
import { useEditor, usePart } from '../use-editor.ts';
import { useFlow } from './canvas-context.ts';
import { readCanvasId } from './canvas-id.ts';

/** How a frame's colour is given to the style sheet: one of its named colours, or one of its own. */
function frameColor(color = 'grey'): { readonly 'data-color': string; readonly style?: CSSProperties } {
  if (!isColor(color)) return { 'data-color': color };
  return { 'data-color': 'own', style: { '--frame': color.slice(0, 7) } as CSSProperties }; // a custom property
}

/** A titled rectangle behind nodes. */
export const FrameNode = memo(
  function FrameNode({ id: canvasId, selected }: NodeProps) {
    const { id } = readCanvasId(canvasId);
    const editor = useEditor();
    const flow = useFlow();
    const frame = usePart(editor.documents.state, ({ edit }) => edit.document.layout?.frames?.[id]);
    if (frame === undefined) return null;
    return (
      <section className="frame" {...frameColor(frame.color)}>
        <NodeResizer
          isVisible={selected}
          minWidth={120}
          minHeight={80}
          lineClassName="resize-line"
          handleClassName="resize-handle"
          onResizeEnd={(_event, to) => flow.resized(canvasId, to)}
        />
        <input
          className="frame-title"
          aria-label={texts.frame.title}
          value={frame.title}
          size={Math.max(8, frame.title.length)}
          onChange={(event) => changeFrame(editor, id, { title: event.target.value })}
          onBlur={() => editor.documents.stopMerging()}
          onKeyDown={(event) => {
            if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      </section>
    );
  },
  (before, after) => before.id === after.id && before.selected === after.selected,
);
