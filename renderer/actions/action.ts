import type { Editor } from '../editor.ts';

export const ACTION_GROUPS = ['run', 'edit', 'nodes', 'arrange', 'view', 'file'] as const;
export type ActionGroup = (typeof ACTION_GROUPS)[number];

/** Something a person can do. Every one is in the command palette; menus, buttons and keys lead to the very same ones. */
export interface Action {
  readonly id: string;
  readonly title: string;
  readonly group: ActionGroup;
  /** `Mod+Shift+Z`; Mod is ⌘ on a Mac and Ctrl elsewhere. The first is shown, all work. */
  readonly keys?: readonly string[];
  /** Works while a field is being typed in, too; `kept`: only where every letter is in the document at once (`data-kept`). */
  readonly whileTyping?: true | 'kept';
  isEnabled?(editor: Editor): boolean;
  /** For what is switched on and off. */
  isOn?(editor: Editor): boolean;
  run(editor: Editor): void | Promise<void>;
}
