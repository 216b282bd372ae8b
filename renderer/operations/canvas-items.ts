import { addFrame } from '../../graphs/commands/add-frame.ts';
import { addNote } from '../../graphs/commands/add-note.ts';
import { editFrame } from '../../graphs/commands/edit-frame.ts';
import { editNote } from '../../graphs/commands/edit-note.ts';
import type { Frame, Note } from '../../graphs/document.ts';
import type { Editor, XY } from '../editor.ts';
import { texts } from '../texts.ts';
import { selectedBoxes } from './canvas-boxes.ts';
import { carryOut } from './carry-out.ts';

/** Colours a frame may have, by name; styles/tokens.css says what they look like in each theme. */
export const FRAME_COLORS = ['grey', 'red', 'amber', 'green', 'blue', 'violet'] as const;

/** Room that a frame leaves around what lies in it, and above it for its title. */
export const FRAME_PADDING = 28;
export const FRAME_TITLE_ROOM = 44;

/** Puts a frame around what is selected, or an empty one at a place. */
export function frameSelection(editor: Editor, at: XY): void {
  const boxes = selectedBoxes(editor);
  const x = boxes.length === 0 ? at.x : Math.min(...boxes.map((box) => box.x)) - FRAME_PADDING;
  const y = boxes.length === 0 ? at.y : Math.min(...boxes.map((box) => box.y)) - FRAME_TITLE_ROOM;
  const right = boxes.length === 0 ? x + 420 : Math.max(...boxes.map((box) => box.x + box.width)) + FRAME_PADDING;
  const bottom = boxes.length === 0 ? y + 300 : Math.max(...boxes.map((box) => box.y + box.height)) + FRAME_PADDING;
  const frame: Frame = {
    title: texts.frame.untitled,
    x: Math.round(x),
    y: Math.round(y),
    width: Math.round(right - x),
    height: Math.round(bottom - y),
    color: 'grey',
  };
  const id = carryOut(editor, texts.steps.addFrame, (draft) => addFrame(draft, { ids: editor.documents.ids, frame }));
  if (id !== undefined) editor.selection.select({ frames: [id] });
}

/** Puts an empty note as near to a place as it covers nothing. */
export function addNoteAt(editor: Editor, at: XY): void {
  const size = { width: 240, height: 140 };
  const { x, y } = editor.canvas?.roomFor(size, at) ?? at;
  const note: Note = { text: '', x: Math.round(x), y: Math.round(y), ...size };
  const id = carryOut(editor, texts.steps.addNote, (draft) => addNote(draft, { ids: editor.documents.ids, note }));
  if (id !== undefined) editor.selection.select({ notes: [id] });
}

/** Changes a frame. */
export function changeFrame(editor: Editor, id: string, change: Partial<Frame>): void {
  carryOut(editor, texts.steps.editFrame, (draft) => editFrame(draft, { id, change }), {
    merge: `frame ${id} ${Object.keys(change).join()}`,
  });
}

/** Changes a note. */
export function changeNote(editor: Editor, id: string, change: Partial<Note>): void {
  carryOut(editor, texts.steps.editNote, (draft) => editNote(draft, { id, change }), { merge: `note ${id} ${Object.keys(change).join()}` });
}
