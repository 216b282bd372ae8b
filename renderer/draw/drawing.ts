/** A place on the sheet in its pixels, and how hard the pen was pressed there, 0…1. */
export type PenPoint = readonly [x: number, y: number, pressure: number];

/** One line of the pen. */
export interface Stroke {
  readonly kind: 'stroke';
  readonly tool: 'brush' | 'eraser';
  readonly points: readonly PenPoint[];
  /** Of the widest place, in pixels of the sheet. */
  readonly widthPx: number;
  readonly color: string;
  /** Of the whole line: where it crosses itself, it gets no darker. */
  readonly opacity: number;
  /** Pressing harder makes it wider. */
  readonly hasPressure: boolean;
}

/** What is drawn on. */
export interface Sheet {
  readonly kind: 'sheet';
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of an empty one; null: see-through. */
  readonly color: string | null;
  /** What is on it from the start. */
  readonly picture: ImageBitmap | null;
}

type Step = Stroke | Sheet | { readonly kind: 'clear' };

/** Everything that was done, first the sheet; what comes after `done` steps has been undone. */
export interface Drawing {
  readonly steps: readonly Step[];
  readonly done: number;
}

/** What is to be seen of a drawing. */
export interface Visible {
  readonly sheet: Sheet;
  /** Cleared: not even what was on a mask from the start is left. */
  readonly isCleared: boolean;
  readonly strokes: readonly Stroke[];
}

/** A sheet with nothing drawn on it. */
export function startDrawing(sheet: Sheet): Drawing {
  return { steps: [sheet], done: 1 };
}

/** Does one thing more; what had been undone is gone. */
export function addStep({ steps, done }: Drawing, step: Step): Drawing {
  return { steps: [...steps.slice(0, done), step], done: done + 1 };
}

export const canUndo = ({ done }: Drawing): boolean => done > 1;
export const canRedo = ({ steps, done }: Drawing): boolean => done < steps.length;

/** One step back; the first sheet stays. */
export function undoStep(drawing: Drawing): Drawing {
  return canUndo(drawing) ? { ...drawing, done: drawing.done - 1 } : drawing;
}

/** One step forward again. */
export function redoStep(drawing: Drawing): Drawing {
  return canRedo(drawing) ? { ...drawing, done: drawing.done + 1 } : drawing;
}

/** What the steps that are done come to. */
export function findVisible({ steps, done }: Drawing): Visible {
  const [first] = steps;
  if (first?.kind !== 'sheet') throw new Error('a drawing begins with a sheet');
  let sheet = first;
  let isCleared = false;
  let strokes: Stroke[] = [];
  for (const step of steps.slice(0, done)) {
    if (step.kind === 'stroke') {
      strokes.push(step);
      continue;
    }
    strokes = [];
    isCleared = step.kind === 'clear';
    if (step.kind === 'sheet') sheet = step;
  }
  return { sheet, isCleared, strokes };
}
