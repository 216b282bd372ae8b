import { documentTexts as texts } from '../texts/document-texts.ts';
import { DialogFrame } from './dialog-frame.tsx';
import type { DialogOf } from './dialog-store.ts';

/** Asks how to go on. */
export function QuestionDialog({ dialog: { args, answer } }: { readonly dialog: DialogOf<'question'> }) {
  return (
    <DialogFrame title={args.title} message={args.message} className="is-small" close={() => answer(undefined)}>
      <footer className="dialog-actions is-end">
        {args.choices.map(({ id, label, tone }) => (
          <button
            key={id}
            type="button"
            className={`button ${tone === undefined ? '' : `is-${tone}`}`}
            // The way that loses nothing is the one that Enter takes.
            // biome-ignore lint/a11y/noAutofocus: a dialog takes the focus
            autoFocus={tone === 'primary'}
            onClick={() => answer(id)}
          >
            {label}
          </button>
        ))}
        <button type="button" className="button" onClick={() => answer(undefined)}>
          {texts.dialog.cancel}
        </button>
      </footer>
    </DialogFrame>
  );
}
