import { type CSSProperties, type KeyboardEvent, type PointerEvent, useId, useRef, useState } from 'react';
import { texts } from '../texts.ts';
import type { ControlProps, SpecOf } from './control-props.ts';
import { fitNumber, shareOf, showNumber, stepNumber } from './number-steps.ts';

const DRAG_BEGINS_PX = 3;
const PX_PER_STEP = 5;

/** A number: typed, stepped with the arrow keys, or dragged sideways (Shift: finer, Ctrl: coarser). */
export function NumberControl({ spec, value, change, done }: ControlProps<SpecOf<'int'> | SpecOf<'number'>>) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  const current = typeof value === 'number' ? value : (spec.default ?? spec.min);
  const share = typeof value === 'number' ? shareOf(spec, value) : undefined;

  const type = (text: string): void => {
    setTyped(text);
    const number = text.trim() === '' ? null : Number(text.replace(',', '.'));
    setRefusal(change(number));
  };
  const finish = (): void => {
    setTyped(undefined);
    setRefusal(undefined);
    done();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (steps !== undefined) {
      event.preventDefault();
      setTyped(undefined);
      change(stepNumber(spec, current, event.shiftKey ? steps * 10 : steps));
    } else if (event.key === 'Home' || event.key === 'End') {
      if (!Number.isFinite(event.key === 'Home' ? spec.min : spec.max) || typed !== undefined) return;
      event.preventDefault();
      change(fitNumber(spec, event.key === 'Home' ? spec.min : spec.max));
    } else if (event.key === 'Enter' || event.key === 'Escape') {
      input.current?.blur();
    }
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0 || document.activeElement === input.current) return;
    event.preventDefault();
    const field = event.currentTarget;
    field.setPointerCapture(event.pointerId);
    const begin = event.clientX;
    let isDragging = false;
    const move = (moved: globalThis.PointerEvent): void => {
      const distance = moved.clientX - begin;
      isDragging ||= Math.abs(distance) >= DRAG_BEGINS_PX;
      if (!isDragging) return;
      field.classList.add('is-dragging');
      const speed = moved.shiftKey ? 0.2 : moved.ctrlKey || moved.metaKey ? 5 : 1;
      change(stepNumber(spec, current, Math.round((distance / PX_PER_STEP) * speed)));
    };
    const up = (): void => {
      field.removeEventListener('pointermove', move);
      field.removeEventListener('pointerup', up);
      field.removeEventListener('pointercancel', up);
      field.classList.remove('is-dragging');
      if (isDragging) {
        done();
      } else {
        input.current?.focus();
        input.current?.select();
      }
    };
    field.addEventListener('pointermove', move);
    field.addEventListener('pointerup', up);
    field.addEventListener('pointercancel', up);
  };

  return (
    <div
      className="field is-number"
      data-bar={share !== undefined}
      style={share === undefined ? undefined : ({ '--share': share } as CSSProperties)} // a custom property
      onPointerDown={onPointerDown}
      title={refusal ?? spec.doc}
    >
      <label htmlFor={id}>{spec.title}</label>
      <input
        id={id}
        ref={input}
        data-kept=""
        role="spinbutton"
        inputMode={spec.kind === 'int' ? 'numeric' : 'decimal'}
        autoComplete="off"
        aria-valuenow={typeof value === 'number' ? value : undefined}
        aria-valuemin={Number.isFinite(spec.min) ? spec.min : undefined}
        aria-valuemax={Number.isFinite(spec.max) ? spec.max : undefined}
        aria-valuetext={typeof value === 'number' ? `${value}${spec.unit ? ` ${spec.unit}` : ''}` : texts.controls.open}
        aria-invalid={refusal !== undefined}
        placeholder={spec.default === null ? texts.controls.open : undefined}
        value={typed ?? showNumber(value)}
        onChange={(event) => type(event.target.value)}
        onKeyDown={onKeyDown}
        onFocus={(event) => event.target.select()}
        onBlur={finish}
      />
      {spec.unit === undefined ? null : (
        <span className="unit" aria-hidden="true">
          {spec.unit}
        </span>
      )}
    </div>
  );
}
