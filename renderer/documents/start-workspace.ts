import type { Editor } from '../editor.ts';
import { documentTexts as texts } from '../texts/document-texts.ts';
import type { HostDocument } from './document-session.ts';
import type { WindowMemory } from './window-memory.ts';

/** The template that the very first start begins with. */
const STARTER = 'starter';
/** More than this are offered on the start page instead. */
const MOST_RECOVERED = 8;

/**
 * Decides what the window begins with: files it was told to open; what it had open before; what was never saved; the starter graph
 * when nothing was ever done here; else the start page.
 */
export async function startWorkspace(editor: Editor, memory: WindowMemory): Promise<void> {
  const { workspace, client } = editor;
  workspace.setMemory(memory);
  const shell = await client.call('shell.describe', {});
  workspace.state.setState({ isDesktop: shell.ok && shell.value.kind === 'desktop' });
  await reopen(editor, memory);
  const hadNothing = workspace.state.getState().tabs.length === 0 && memory.isAlone && !(await recover(editor));
  await openGivenFiles(editor);
  client.on('shell.opened', () => void openGivenFiles(editor));
  if (hadNothing && workspace.state.getState().tabs.length === 0) await workspace.open({ kind: 'template', name: STARTER }, true);
  workspace.state.setState({ isReady: true });
}

/** Opens the files that the program was started with, or that were double-clicked. */
async function openGivenFiles({ client, workspace }: Editor): Promise<void> {
  const taken = await client.call('shell.takeOpened', {});
  if (!taken.ok) return;
  for (const { token } of taken.value.files) await workspace.open({ kind: 'token', token });
}

async function reopen({ workspace }: Editor, { tabs }: WindowMemory): Promise<void> {
  for (const id of tabs.documents) await workspace.open({ kind: 'document', id }, true);
  const shown = workspace.state.getState().tabs.find(({ session }) => session.state.getState().document.id === tabs.active);
  if (shown !== undefined) workspace.activate(shown.key);
}

/** Opens what was never saved. False: nothing was ever done here. */
async function recover({ client, workspace, notices }: Editor): Promise<boolean> {
  const [listed, recent] = [await client.call('document.list', {}), await client.call('recent.list', {})];
  if (!listed.ok) return true;
  const { documents } = listed.value;
  for (const { id } of documents.filter((one) => isUntouched(one) && !one.isOpen)) await client.call('document.forget', { id });
  const unsaved = documents.filter((one) => !one.isSaved && !one.isElsewhere && !isUntouched(one)).slice(0, MOST_RECOVERED);
  // The one changed last is opened last, so that it is shown.
  for (const { id } of unsaved.toReversed()) await workspace.open({ kind: 'document', id }, true);
  const { length } = workspace.state.getState().tabs;
  if (length > 0) notices.tell(texts.recovered(length));
  return length > 0 || documents.some((one) => !isUntouched(one)) || (recent.ok && recent.value.files.length > 0);
}

/** Begun, and nothing was ever done to it. */
function isUntouched({ path, sequence, isElsewhere }: HostDocument): boolean {
  return path === null && sequence === 0 && !isElsewhere;
}
