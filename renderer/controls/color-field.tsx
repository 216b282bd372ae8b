import { useId, useState } from 'react';
import { isColor } from '../../nodes/parse-color.ts';
import { texts } from '../texts.ts';

/** A colour: chosen in the system's dialog, or written as digits. What can't stand there yet is kept in the field until it is left. */
export function ColorField({
  title,
  doc,
  value,
  mayBeOpen,
  change,
  done,
}: {
  readonly title: string;
  readonly doc: string;
  /** Empty: left open. */
  readonly value: string;
  readonly mayBeOpen: boolean;
  change(value: string | null): string | undefined;
  done(): void;
}) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  const type = (text: string): void => {
    setTyped(text);
    const digits = text.trim();
    setRefusal(change(digits === '' && mayBeOpen ? null : digits === '' || digits.startsWith('#') ? digits : `#${digits}`));
  };
  return (
    <div className="field is-color" title={refusal ?? doc}>
      <label htmlFor={id}>{title}</label>
      <input
        id={id}
        data-kept=""
        type="text"
        autoComplete="off"
        spellCheck={false}
        maxLength={9}
        placeholder={mayBeOpen ? texts.controls.open : undefined}
        aria-invalid={refusal !== undefined}
        value={typed ?? value}
        onChange={(event) => type(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={() => {
          setTyped(undefined);
          setRefusal(undefined);
          done();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <input
        type="color"
        className="color-swatch"
        aria-label={texts.controls.chooseColor(title)}
        title={texts.controls.chooseColor(title)}
        value={sixDigits(value) ?? '#808080'}
        data-open={value === '' ? '' : undefined}
        // What the dialog does not know, opacity, stays.
        onChange={(event) => void change(event.target.value + (value.length === 9 ? value.slice(7) : ''))}
        onBlur={done}
      />
    </div>
  );
}

/** A colour as the system's dialog takes it; undefined for what is none. */
function sixDigits(value: string): string | undefined {
  if (!isColor(value)) return undefined;
  return value.length === 4 ? value.replace(/[^#]/g, '$&$&') : value.slice(0, 7);
}
