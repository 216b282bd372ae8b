import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';
import { doByKeyboard, doByMouse } from './main-job.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  editor = await place.open();
});
afterAll(() => place.close());

describe('a graph built from nothing in the browser, and its picture', () => {
  it('by keyboard alone, through the outline', async () => {
    await doByKeyboard(editor);
    expect(editor.complaints).toEqual([]);
  });

  it('by mouse', async () => {
    await doByMouse(editor);
    expect(editor.complaints).toEqual([]);
  });
});
