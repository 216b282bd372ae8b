import { useId, useState } from 'react';
import { texts } from '../texts.ts';

/** A path, typed. What can't stand there yet is kept in the field until it is left. */
export function PathField({
  title,
  doc,
  value,
  mayBeOpen,
  change,
  done,
}: {
  readonly title: string;
  readonly doc: string;
  readonly value: string;
  /** Empty means "left open" and is a value. */
  readonly mayBeOpen: boolean;
  change(value: string | null): string | undefined;
  done(): void;
}) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  return (
    <div className="field" title={refusal ?? (value || doc)}>
      <label htmlFor={id}>{title}</label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellCheck={false}
        placeholder={mayBeOpen ? texts.controls.open : texts.controls.path}
        aria-invalid={refusal !== undefined}
        value={typed ?? value}
        onChange={(event) => {
          setTyped(event.target.value);
          setRefusal(change(event.target.value === '' && mayBeOpen ? null : event.target.value));
        }}
        onBlur={() => {
          setTyped(undefined);
          setRefusal(undefined);
          done();
        }}
      />
    </div>
  );
}
