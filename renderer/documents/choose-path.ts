import type { CallArgs } from '../../host/contract.ts';
import type { PickKind } from '../../host/shell/shell-contract.ts';
import type { Editor } from '../editor.ts';

/** Lets the person choose a file or folder of the host; gives what a parameter of a node may then hold. Undefined: nothing was chosen. */
export async function choosePath(editor: Editor, { kind }: { readonly kind: PickKind }): Promise<string | undefined> {
  const { workspace } = editor;
  if (!workspace.state.getState().isDesktop) {
    const chosen = await workspace.dialogs.ask('pick', { kind, hasComputer: kind === 'picture' });
    return chosen === 'computer' ? uploadPicture(editor) : chosen?.path;
  }
  const picked = await editor.client.call('shell.pick', { kind, many: false });
  if (!picked.ok) editor.notices.tell(picked.problem.message, 'trouble');
  return picked.ok ? picked.value.files[0]?.file : undefined;
}

/** Lets the person choose graphs, or pictures that carry one, to open. */
export async function chooseGraphs(editor: Editor): Promise<CallArgs<'document.open'>['source'][]> {
  const { workspace } = editor;
  if (!workspace.state.getState().isDesktop) {
    const chosen = await workspace.dialogs.ask('pick', { kind: 'graph', hasComputer: true });
    if (chosen !== 'computer') return chosen === undefined ? [] : [{ kind: 'path', path: chosen.path }];
    const file = await chooseOfComputer('.json,application/json,image/png,image/webp');
    return file === undefined ? [] : [{ kind: 'bytes', name: file.name, bytes: await readBytes(file) }];
  }
  const picked = await editor.client.call('shell.pick', { kind: 'graph', many: true });
  if (!picked.ok) editor.notices.tell(picked.problem.message, 'trouble');
  return picked.ok ? picked.value.files.map(({ token }) => ({ kind: 'token', token })) : [];
}

/** The browser's own dialog for files. Undefined: it was closed. */
export function chooseOfComputer(accept: string): Promise<File | undefined> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0]));
    input.addEventListener('cancel', () => resolve(undefined));
    input.click();
  });
}

/** What a file holds. */
export async function readBytes(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

async function uploadPicture(editor: Editor): Promise<string | undefined> {
  const file = await chooseOfComputer('image/png,image/jpeg,image/webp');
  if (file === undefined) return undefined;
  const added = await editor.client.call('upload.add', { name: file.name, bytes: await readBytes(file) });
  if (!added.ok) editor.notices.tell(added.problem.message, 'trouble');
  return added.ok ? added.value.file : undefined;
}
