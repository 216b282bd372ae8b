import { DrawDialog } from '../draw/draw-dialog.tsx';
import { useEditor, usePart } from '../use-editor.ts';
import type { OpenDialog } from './dialog-store.ts';
import { DiffDialog } from './diff-dialog.tsx';
import { FilePicker } from './file-picker.tsx';
import { QuestionDialog } from './question-dialog.tsx';
import { TextDialog } from './text-dialog.tsx';

/** Every dialog about documents that is shown. */
export function DocumentDialogs() {
  const { workspace } = useEditor();
  const dialogs = usePart(workspace.dialogs.state, (state) => state);
  return dialogs.map((dialog) => <OneDialog key={dialog.key} dialog={dialog} />);
}

function OneDialog({ dialog }: { readonly dialog: OpenDialog }) {
  switch (dialog.kind) {
    case 'question':
      return <QuestionDialog dialog={dialog} />;
    case 'text':
      return <TextDialog dialog={dialog} />;
    case 'pick':
    case 'target':
      return <FilePicker dialog={dialog} />;
    case 'draw':
      return <DrawDialog dialog={dialog} />;
    case 'diff':
      return <DiffDialog dialog={dialog} />;
    default:
      return dialog satisfies never;
  }
}
