import { setParam } from '../../graphs/commands/set-param.ts';
import type { NodeId } from '../../graphs/document.ts';
import type { CallResult } from '../../host/contract.ts';
import type { Result } from '../../nodes/problem.ts';
import type { Editor } from '../editor.ts';
import { registryOf } from '../operations/carry-out.ts';
import { titleOf } from '../operations/node-title.ts';
import { drawTexts as texts } from '../texts/draw-texts.ts';
import { type Drawing, findVisible, type Sheet, startDrawing } from './drawing.ts';
import { findBeneath, readsMask } from './find-beneath.ts';
import { type DrawingUse, encodeDrawing, toMaskLayer } from './paint.ts';

/** Of an empty sheet, where nothing else says how large. */
const SIDE_PX = 512;

/** The file parameter of a node that a drawing becomes the value of. */
export interface DrawTarget {
  readonly node: NodeId;
  readonly param: string;
}

/** What a drawing for this node is: its picture, or its mask. */
export function drawingUseOf(editor: Editor, node: NodeId): DrawingUse {
  return readsMask(registryOf(editor), editor.documents.document().nodes[node]?.type ?? '') ? 'mask' : 'picture';
}

/** Lets the person draw on the file of a node, or on an empty sheet. What is drawn is uploaded and becomes the node's file in one step. */
export async function openDrawing(editor: Editor, target: DrawTarget): Promise<void> {
  const { documents, workspace, notices } = editor;
  const opener = document.activeElement;
  const use = drawingUseOf(editor, target.node);
  const file = fileOf(editor, target);
  const beneathFile = use === 'mask' ? findBeneath(documents.document(), registryOf(editor), target.node) : undefined;
  const [read, beneath] = await Promise.all([readPicture(editor, file), readPicture(editor, beneathFile)]);
  const below = beneath?.ok ? await toBitmap(beneath.value) : null;
  const present = read?.ok ? await toSheet(use, read.value) : null;
  const sheet = present ?? emptySheet(below ?? { width: SIDE_PX, height: SIDE_PX });
  if (read?.ok === false) notices.tell(texts.noFile(read.problem.message), 'trouble');
  const isReduced = read?.ok && read.value.fileWidthPx > read.value.widthPx;
  await workspace.dialogs.ask('draw', {
    use,
    present,
    beneath: below,
    drawing: (file === undefined ? undefined : editor.drawings.find(use, file)) ?? startDrawing(sheet),
    note: isReduced ? texts.reduced(read.value.fileWidthPx, read.value.fileHeightPx) : undefined,
    save: (drawing) => saveDrawing(editor, target, use, drawing),
  });
  if (opener instanceof HTMLElement) opener.focus();
}

/** Keeps what was drawn as an upload and sets it; gives the sentence why that can't be. */
async function saveDrawing(editor: Editor, { node, param }: DrawTarget, use: DrawingUse, drawing: Drawing): Promise<string | undefined> {
  const bytes = await encodeDrawing(findVisible(drawing), use);
  const added = await editor.client.call('upload.add', { name: texts.fileName[use], bytes });
  if (!added.ok) return added.problem.message;
  const { file } = added.value;
  editor.drawings.keep(use, file, drawing);
  const registry = registryOf(editor);
  const label = texts.step(titleOf(editor, node), use);
  editor.documents.stopMerging();
  const done = editor.documents.commit(label, (draft) => setParam(draft, { registry, node, param, value: file }));
  return done.ok ? undefined : done.problem.message;
}

function fileOf(editor: Editor, { node, param }: DrawTarget): string | undefined {
  const file = editor.documents.document().nodes[node]?.params[param];
  return typeof file === 'string' && file !== '' ? file : undefined;
}

async function readPicture(editor: Editor, file: string | undefined): Promise<Result<CallResult<'file.picture'>> | undefined> {
  return file === undefined ? undefined : editor.client.call('file.picture', { file, ...editor.workspace.documentArg() });
}

async function toBitmap({ mime, bytes }: CallResult<'file.picture'>): Promise<ImageBitmap> {
  return createImageBitmap(new Blob([Uint8Array.from(bytes)], { type: mime }));
}

async function toSheet(use: DrawingUse, read: CallResult<'file.picture'>): Promise<Sheet> {
  const bitmap = await toBitmap(read);
  const picture = use === 'mask' ? await toMaskLayer(bitmap) : bitmap;
  return { kind: 'sheet', widthPx: read.widthPx, heightPx: read.heightPx, color: null, picture };
}

function emptySheet({ width, height }: { readonly width: number; readonly height: number }): Sheet {
  return { kind: 'sheet', widthPx: width, heightPx: height, color: '#ffffff', picture: null };
}
