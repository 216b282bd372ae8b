import { Switch } from 'radix-ui';
import { useId } from 'react';
import type { ControlProps, SpecOf } from './control-props.ts';

/** Yes or no. */
export function ToggleControl({ spec, value, change, done }: ControlProps<SpecOf<'boolean'>>) {
  const id = useId();
  return (
    <div className="field is-toggle" title={spec.doc}>
      <label htmlFor={id}>{spec.title}</label>
      <Switch.Root
        id={id}
        className="switch"
        checked={value === true}
        onCheckedChange={(checked) => {
          change(checked);
          done();
        }}
      >
        <Switch.Thumb className="switch-thumb" />
      </Switch.Root>
    </div>
  );
}
