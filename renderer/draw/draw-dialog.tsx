import { type KeyboardEvent, useMemo, useState } from 'react';
import { DialogFrame } from '../documents/dialog-frame.tsx';
import type { DialogOf } from '../documents/dialog-store.ts';
import { documentTexts } from '../texts/document-texts.ts';
import { drawTexts as texts } from '../texts/draw-texts.ts';
import { useEditor } from '../use-editor.ts';
import { DrawSheet, type Pen } from './draw-sheet.tsx';
import { DrawTools } from './draw-tools.tsx';
import { addStep, canRedo, canUndo, findVisible, redoStep, undoStep } from './drawing.ts';
import { NewSheet } from './new-sheet.tsx';

/** Where letters go. */
const TYPED_INTO = 'input:not([type="range"], [type="color"])';
const SIZE_STEP = 1.25;

/** Lets the person draw a picture or a mask. */
export function DrawDialog({ dialog: { args, answer } }: { readonly dialog: DialogOf<'draw'> }) {
  const { use, present, beneath, note, save } = args;
  const { workspace } = useEditor();
  const [drawing, setDrawing] = useState(args.drawing);
  const visible = useMemo(() => findVisible(drawing), [drawing]);
  const longestPx = Math.max(visible.sheet.widthPx, visible.sheet.heightPx);
  const mostPx = Math.max(8, Math.round(longestPx / 3));
  const [pen, setPen] = useState<Pen>(() => ({
    tool: 'brush',
    color: use === 'mask' ? '#ffffff' : '#000000',
    opacity: 1,
    widthPx: Math.max(2, Math.round(longestPx / (use === 'mask' ? 12 : 28))),
  }));
  const [isSaving, setSaving] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const changePen = (more: Partial<Pen>): void => setPen((before) => ({ ...before, ...more }));

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target instanceof Element && event.target.matches(TYPED_INTO)) return;
    const mod = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (mod && key === 'z' && !event.shiftKey) setDrawing(undoStep);
    else if (mod && (key === 'y' || key === 'z')) setDrawing(redoStep);
    else if (mod || event.altKey) return;
    else if (key === 'b') changePen({ tool: 'brush' });
    else if (key === 'e') changePen({ tool: 'eraser' });
    else if (key === '[') changePen({ widthPx: Math.max(1, Math.floor(pen.widthPx / SIZE_STEP)) });
    else if (key === ']') changePen({ widthPx: Math.min(mostPx, Math.ceil(pen.widthPx * SIZE_STEP)) });
    else return;
    event.preventDefault();
  };

  const isChanged = drawing !== args.drawing;
  const leave = async (): Promise<void> => {
    if (isChanged) {
      const choices = [{ id: 'discard', label: texts.leaving.discard, tone: 'danger' as const }];
      const choice = await workspace.dialogs.ask('question', { title: texts.leaving.title[use], message: texts.leaving.message, choices });
      if (choice !== 'discard') return;
    }
    answer(undefined);
  };
  const finish = async (): Promise<void> => {
    setSaving(true);
    const trouble = await save(drawing);
    setSaving(false);
    setRefusal(trouble);
    if (trouble === undefined) answer(undefined);
  };
  const tell = refusal ?? note;
  return (
    <DialogFrame title={texts.title[use]} className="draw-dialog" close={() => void leave()}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of what has the focus inside */}
      <div className="draw-body" onKeyDown={onKeyDown}>
        <div className="draw-tools">
          <DrawTools
            pen={pen}
            use={use}
            mostPx={mostPx}
            canUndo={canUndo(drawing)}
            canRedo={canRedo(drawing)}
            changePen={changePen}
            undo={() => setDrawing(undoStep)}
            redo={() => setDrawing(redoStep)}
            clear={() => setDrawing((before) => addStep(before, { kind: 'clear' }))}
          />
          <NewSheet use={use} present={present} sheet={visible.sheet} begin={(sheet) => setDrawing((before) => addStep(before, sheet))} />
        </div>
        <DrawSheet
          visible={visible}
          use={use}
          beneath={beneath}
          pen={pen}
          onStroke={(stroke) => setDrawing((before) => addStep(before, stroke))}
          onTakeColor={(color) => use === 'picture' && changePen({ color, tool: 'brush' })}
        />
      </div>
      {tell === undefined ? null : (
        <p className="dialog-message" role={refusal === undefined ? undefined : 'alert'}>
          {tell}
        </p>
      )}
      <footer className="dialog-actions is-end">
        <p className="draw-help is-start" aria-hidden="true">
          {texts.help}
        </p>
        <button
          type="button"
          className="button is-primary"
          disabled={isSaving || (present !== null && !isChanged)}
          onClick={() => void finish()}
        >
          {isSaving ? texts.saving : texts.use[use]}
        </button>
        <button type="button" className="button" onClick={() => void leave()}>
          {documentTexts.dialog.cancel}
        </button>
      </footer>
    </DialogFrame>
  );
}
