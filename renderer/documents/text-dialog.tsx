import { useState } from 'react';
import { documentTexts as texts } from '../texts/document-texts.ts';
import { DialogFrame } from './dialog-frame.tsx';
import type { DialogOf } from './dialog-store.ts';

/** Asks for a line of text. */
export function TextDialog({ dialog: { args, answer } }: { readonly dialog: DialogOf<'text'> }) {
  const [value, setValue] = useState(args.value);
  return (
    <DialogFrame title={args.title} className="is-small" close={() => answer(undefined)}>
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          answer(value);
        }}
      >
        <label className="field is-wide">
          <span className="label">{args.label}</span>
          <input
            type="text"
            maxLength={500}
            value={value}
            onChange={(event) => setValue(event.target.value)}
            onFocus={(event) => event.target.select()}
            // biome-ignore lint/a11y/noAutofocus: a dialog takes the focus
            autoFocus
          />
        </label>
        <footer className="dialog-actions is-end">
          <button type="submit" className="button is-primary" disabled={value.trim() === ''}>
            {args.done}
          </button>
          <button type="button" className="button" onClick={() => answer(undefined)}>
            {texts.dialog.cancel}
          </button>
        </footer>
      </form>
    </DialogFrame>
  );
}
