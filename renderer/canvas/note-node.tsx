import { type NodeProps, NodeResizer } from '@xyflow/react';
import Markdown from 'markdown-to-jsx';
import { memo } from 'react';
import { focusAtOnce } from '../focus-at-once.ts';
import { changeNote } from '../operations/canvas-items.ts';
import { texts } from '../texts.ts';
import { useEditor, usePart, useView } from '../use-editor.ts';
import { useFlow } from './canvas-context.ts';
import { readCanvasId } from './canvas-id.ts';

/** Notes come with graphs from anywhere, so nothing in them is taken as HTML and pictures are not fetched. */
const MARKDOWN = {
  disableParsingRawHTML: true,
  forceBlock: true,
  overrides: {
    a: { props: { target: '_blank', rel: 'noreferrer noopener' } },
    img: () => null,
  },
} as const;

/** A text on the canvas, written in Markdown. */
export const NoteNode = memo(
  function NoteNode({ id: canvasId, selected }: NodeProps) {
    const { id } = readCanvasId(canvasId);
    const editor = useEditor();
    const flow = useFlow();
    const text = usePart(editor.documents.state, ({ edit }) => edit.document.layout?.notes?.[id]?.text);
    const isEditing = useView((view) => view.editingNote === id);
    const setEditing = (isOn: boolean): void => editor.view.setState({ editingNote: isOn ? id : undefined });
    if (text === undefined) return null;
    const isTyping = isEditing || (text === '' && selected);
    return (
      <section className="note">
        <NodeResizer
          isVisible={selected}
          minWidth={120}
          minHeight={60}
          lineClassName="resize-line"
          handleClassName="resize-handle"
          onResizeEnd={(_event, to) => flow.resized(canvasId, to)}
        />
        {isTyping ? (
          <textarea
            className="nodrag nowheel"
            aria-label={texts.note.text}
            placeholder={texts.note.placeholder}
            value={text}
            ref={focusAtOnce}
            onChange={(event) => {
              setEditing(true);
              changeNote(editor, id, { text: event.target.value });
            }}
            onBlur={() => {
              setEditing(false);
              editor.documents.stopMerging();
            }}
            onKeyDown={(event) => {
              if (event.key === 'Escape') event.currentTarget.blur();
            }}
          />
        ) : (
          <div className="markdown nowheel">
            <Markdown options={MARKDOWN}>{text || texts.note.empty}</Markdown>
          </div>
        )}
      </section>
    );
  },
  (before, after) => before.id === after.id && before.selected === after.selected,
);
