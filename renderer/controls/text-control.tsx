import { useId } from 'react';
import { texts } from '../texts.ts';
import type { ControlProps, SpecOf } from './control-props.ts';
import { TokenCount } from './token-count.tsx';

/** A text: one line, or several. */
export function TextControl({
  node,
  param,
  spec,
  value,
  change,
  done,
  isRoomy,
}: ControlProps<SpecOf<'text'>> & { readonly isRoomy: boolean }) {
  const id = useId();
  const text = typeof value === 'string' ? value : '';
  const write = (next: string): void => void change(next === '' && spec.default === null ? null : next);
  if (isRoomy && spec.multiline) {
    return (
      <div className="field is-prompt" title={spec.doc}>
        <span className="prompt-head">
          <label htmlFor={id}>{spec.title}</label>
          <TokenCount node={node} param={param} id={`${id}-tokens`} />
        </span>
        <textarea
          id={id}
          data-kept=""
          aria-describedby={`${id}-tokens`}
          className="nowheel"
          value={text}
          maxLength={spec.maxLength}
          spellCheck={false}
          onChange={(event) => write(event.target.value)}
          onBlur={done}
        />
      </div>
    );
  }
  return (
    <div className="field" title={spec.doc}>
      <label htmlFor={id}>{spec.title}</label>
      <input
        id={id}
        data-kept=""
        type="text"
        autoComplete="off"
        spellCheck={false}
        maxLength={spec.maxLength}
        placeholder={spec.default === null ? texts.controls.open : undefined}
        value={text}
        onChange={(event) => write(event.target.value)}
        onBlur={done}
      />
    </div>
  );
}
