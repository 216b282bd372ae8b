import { useId, useState } from 'react';
import { texts } from '../texts.ts';
import type { ControlProps, SpecOf } from './control-props.ts';

/** A file of the host, by its path. */
export function FileControl({ spec, value, change, done }: ControlProps<SpecOf<'file'>>) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  return (
    <div className="field" title={spec.doc}>
      <label htmlFor={id}>{spec.title}</label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellCheck={false}
        placeholder={spec.default === null ? texts.controls.open : texts.controls.path}
        value={typed ?? (typeof value === 'string' ? value : '')}
        onChange={(event) => {
          setTyped(event.target.value);
          change(event.target.value === '' ? null : event.target.value);
        }}
        onBlur={() => {
          setTyped(undefined);
          done();
        }}
      />
    </div>
  );
}
