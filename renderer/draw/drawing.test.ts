import { expect, it } from 'vitest';
import { addStep, canRedo, canUndo, findVisible, redoStep, type Sheet, type Stroke, startDrawing, undoStep } from './drawing.ts';

const sheet = (widthPx: number): Sheet => ({ kind: 'sheet', widthPx, heightPx: 64, color: '#ffffff', picture: null });
const stroke = (color: string): Stroke => ({
  kind: 'stroke',
  tool: 'brush',
  points: [[1, 1, 0.5]],
  widthPx: 4,
  color,
  opacity: 1,
  hasPressure: false,
});
const colorsOf = (drawing: Parameters<typeof findVisible>[0]): string[] => findVisible(drawing).strokes.map(({ color }) => color);

it('is what was drawn since the last sheet', () => {
  const drawn = [stroke('#111111'), sheet(128), stroke('#222222'), stroke('#333333')].reduce(addStep, startDrawing(sheet(64)));
  expect(findVisible(drawn).sheet.widthPx).toBe(128);
  expect(colorsOf(drawn)).toEqual(['#222222', '#333333']);
});

it('goes back to its sheet and forward again, step by step', () => {
  const first = startDrawing(sheet(64));
  expect([canUndo(first), canRedo(first), undoStep(first)]).toEqual([false, false, first]);
  const drawn = [stroke('#111111'), { kind: 'clear' as const }, sheet(128)].reduce(addStep, first);
  const back = undoStep(undoStep(drawn));
  expect(findVisible(back)).toMatchObject({ sheet: { widthPx: 64 }, isCleared: false });
  expect(colorsOf(back)).toEqual(['#111111']);
  expect(findVisible(redoStep(back))).toMatchObject({ isCleared: true, strokes: [] });
  expect(redoStep(redoStep(redoStep(back)))).toEqual(drawn);
});

it('loses what was undone when something else is done', () => {
  const drawn = addStep(undoStep(addStep(startDrawing(sheet(64)), stroke('#111111'))), stroke('#222222'));
  expect(canRedo(drawn)).toBe(false);
  expect(colorsOf(drawn)).toEqual(['#222222']);
});
