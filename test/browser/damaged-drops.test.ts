import { afterAll, beforeAll } from 'vitest';
import { describeDamagedDrops } from './damaged-drops.ts';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  editor = await place.open();
});
afterAll(() => place.close());

describeDamagedDrops(() => ({ editor, files: place.files }));
