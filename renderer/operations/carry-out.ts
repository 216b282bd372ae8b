import type { GraphDraft } from '../../graphs/document.ts';
import type { CommitMode } from '../../graphs/history.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import type { Editor } from '../editor.ts';

/** Commits a command; a refusal is told to the person at the window and nothing changes. */
export function carryOut<T>(editor: Editor, label: string, command: (draft: GraphDraft) => Result<T>, mode?: CommitMode): T | undefined {
  const done = editor.documents.commit(label, command, mode);
  if (done.ok) return done.value;
  editor.notices.tell(done.problem.message, 'trouble');
  return undefined;
}

/** Commands one after another as one; the first refusal is the answer, and then nothing has happened. */
export function inTurn(draft: GraphDraft, commands: readonly ((draft: GraphDraft) => Result<unknown>)[]): Result<null> {
  for (const command of commands) {
    const done = command(draft);
    if (!done.ok) return done;
  }
  return ok(null);
}

/** The nodes the host has. */
export function registryOf(editor: Editor): NodeRegistry {
  return editor.host.state.getState().registry;
}
