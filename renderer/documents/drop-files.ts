import { addNode } from '../../graphs/commands/add-node.ts';
import { setParam } from '../../graphs/commands/set-param.ts';
import type { NodeId } from '../../graphs/document.ts';
import type { NodeSchema } from '../../host/describe-node.ts';
import { pickedFile } from '../../host/shell/shell-contract.ts';
import type { DesktopBridge } from '../../host/transports/desktop-bridge.ts';
import type { Editor, XY } from '../editor.ts';
import { placeForNew } from '../operations/add-node.ts';
import { carryOut, registryOf } from '../operations/carry-out.ts';
import { pasteText } from '../operations/clipboard.ts';
import { titleOf } from '../operations/node-title.ts';
import { documentTexts } from '../texts/document-texts.ts';
import { readBytes } from './choose-path.ts';

const texts = documentTexts.drop;

/** What one message over a connection can hold, with room for the rest of it. */
const MOST_BYTES = 40 * 2 ** 20;
const CASCADE = 24;

/** How files are dropped. */
export interface Drop {
  /** On the canvas. */
  readonly at: XY;
  /** Into the open graph, without asking: a graph is pasted, a picture becomes a node even when it carries a graph. */
  readonly isInto: boolean;
  /** On a node: a picture becomes the file of one that reads pictures. */
  readonly onto?: NodeId | undefined;
}

/** Takes files that were dropped on the window, one after another. */
export async function dropFiles(editor: Editor, files: readonly File[], { at, isInto, onto }: Drop): Promise<void> {
  for (const [index, file] of files.entries()) {
    const place = { x: at.x + index * CASCADE, y: at.y + index * CASCADE };
    await dropFile(editor, file, { at: place, isInto, ...(index === 0 ? { onto } : {}) });
  }
}

async function dropFile(editor: Editor, file: File, drop: Drop): Promise<void> {
  const { workspace, notices } = editor;
  if (/\.(safetensors|onnx|ckpt|pt|pth)$/i.test(file.name)) return dropModel(editor, file, drop.at);
  const isGraph = /\.json$/i.test(file.name);
  if (!isGraph && !/\.(png|jpe?g|webp)$/i.test(file.name)) return notices.tell(texts.unreadable(file.name), 'trouble');
  if (file.size > MOST_BYTES) return notices.tell(texts.tooLarge(file.name), 'trouble');
  if (!isGraph) return dropPicture(editor, file, drop);
  if (drop.isInto) return pasteText(editor, await file.text(), drop.at);
  const known = await takeOnDesktop(file);
  if (known !== undefined) await workspace.open({ kind: 'token', token: known.token });
  else await workspace.open({ kind: 'bytes', name: file.name, bytes: await readBytes(file) });
}

async function dropPicture(editor: Editor, file: File, { at, isInto, onto }: Drop): Promise<void> {
  const { client, workspace, notices } = editor;
  const bytes = await readBytes(file);
  const added = await client.call('upload.add', { name: file.name, bytes });
  if (!added.ok) return notices.tell(added.problem.message, 'trouble');
  const param =
    onto === undefined ? undefined : findPictureParam(registryOf(editor).get(editor.documents.document().nodes[onto]?.type ?? ''));
  if (onto !== undefined && param !== undefined) {
    const label = texts.replacePicture(titleOf(editor, onto));
    const args = { registry: registryOf(editor), node: onto, param, value: added.value.file };
    return void carryOut(editor, label, (draft) => setParam(draft, args));
  }
  if (added.value.carriesGraph && !isInto) {
    const choice = await workspace.dialogs.ask('question', {
      title: texts.title(file.name),
      message: texts.message,
      choices: [
        { id: 'open', label: texts.openGraph, tone: 'primary' },
        { id: 'add', label: texts.addPicture },
      ],
    });
    if (choice === 'open') await workspace.open({ kind: 'bytes', name: file.name, bytes });
    if (choice !== 'add') return;
  }
  addLoader(editor, 'image', added.value.file, at);
}

/** A model stays where it is: the desktop knows where that is, a browser does not say. */
async function dropModel(editor: Editor, file: File, at: XY): Promise<void> {
  const trouble = await findModelTrouble(file);
  if (trouble !== undefined) return editor.notices.tell(trouble, 'trouble');
  const known = await takeOnDesktop(file);
  if (known !== undefined) return void addLoader(editor, 'model', known.file, at);
  editor.notices.tell(texts.model(file.name));
  const { models } = editor.host.state.getState();
  const same = models.find(({ path }) => path.split(/[\\/]/).at(-1) === file.name);
  const node = addLoader(editor, 'model', same?.name, at);
  if (node !== undefined) requestAnimationFrame(() => editor.canvas?.focusNode(node));
}

/** What is wrong with a model that can be seen at a glance. */
async function findModelTrouble(file: File): Promise<string | undefined> {
  if (/\.(ckpt|pt|pth)$/i.test(file.name)) return texts.pickle(file.name);
  if (!/\.safetensors$/i.test(file.name)) return undefined;
  // The header's length, then the header: JSON.
  const start = new DataView(await file.slice(0, 9).arrayBuffer());
  const isSound = start.byteLength === 9 && start.getBigUint64(0, true) < file.size && start.getUint8(8) === 0x7b;
  return isSound ? undefined : texts.notSafetensors(file.name);
}

/** Adds the node that reads such a file, whichever it is called, and sets its file. */
function addLoader(editor: Editor, holds: 'image' | 'model', file: string | undefined, at: XY): NodeId | undefined {
  const found = findLoader(editor.host.state.getState().schemas, holds);
  if (found === undefined) {
    editor.notices.tell(texts.noNode, 'trouble');
    return undefined;
  }
  const { schema, param } = found;
  const { ids } = editor.documents;
  const params = file === undefined ? {} : { [param]: file };
  const position = placeForNew(editor, { type: schema.id, version: schema.version, params }, at);
  const node = carryOut(editor, texts.addPictureStep(schema.title), (draft) =>
    addNode(draft, { registry: registryOf(editor), ids, type: schema.id, params, position }),
  );
  if (node === undefined) return undefined;
  editor.selection.select({ nodes: [node] });
  editor.canvas?.showNew([node]);
  return node;
}

/** The first node that makes something of such a file alone, and the parameter that names it. */
export function findLoader(
  schemas: readonly NodeSchema[],
  holds: 'image' | 'model',
): { readonly schema: NodeSchema; readonly param: string } | undefined {
  for (const schema of schemas) {
    const gives = Object.values(schema.outputs).some(({ type }) => type === holds);
    if (Object.keys(schema.inputs).length > 0 || !gives) continue;
    const [param] =
      Object.entries(schema.params).find(([, spec]) =>
        holds === 'image' ? spec.kind === 'file' && spec.holds === 'image' : spec.kind === 'model' && spec.holds === undefined,
      ) ?? [];
    if (param !== undefined) return { schema, param };
  }
  return undefined;
}

async function takeOnDesktop(file: File): Promise<{ readonly token: string; readonly file: string } | undefined> {
  // What the desktop's preload script puts there, if this is the desktop.
  const bridge = (window as { emulsion?: Partial<DesktopBridge> }).emulsion;
  const taken = pickedFile.safeParse(await bridge?.takeDropped?.(file));
  return taken.success ? taken.data : undefined;
}

/** The parameter that names a picture file. */
function findPictureParam(definition: Pick<NodeSchema, 'params'> | undefined): string | undefined {
  return Object.entries(definition?.params ?? {}).find(([, spec]) => spec.kind === 'file' && spec.holds === 'image')?.[0];
}
