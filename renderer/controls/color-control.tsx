import { ColorField } from './color-field.tsx';
import type { ControlProps, SpecOf } from './control-props.ts';

/** A colour. */
export function ColorControl({ spec, value, change, done }: ControlProps<SpecOf<'color'>>) {
  const color = typeof value === 'string' ? value : '';
  return <ColorField title={spec.title} doc={spec.doc} value={color} mayBeOpen={spec.default === null} change={change} done={done} />;
}
