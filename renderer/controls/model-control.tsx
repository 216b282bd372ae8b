import { texts } from '../texts.ts';
import { useHost } from '../use-editor.ts';
import { ChoiceControl } from './choice-control.tsx';
import type { ControlProps, SpecOf } from './control-props.ts';
import { PathField } from './path-field.tsx';

/** A model: one of those the host has found. What the graph names beyond them stays as it is. */
export function ModelControl({ spec, value, change, done }: ControlProps<SpecOf<'model'>>) {
  const models = useHost((host) => host.models);
  const name = nameOf(value);
  if (spec.holds !== undefined) {
    return <PathField title={spec.title} doc={spec.doc} value={name} mayBeOpen={spec.default === null} change={change} done={done} />;
  }
  const known = models.map((model) => [model.name, model.label || model.name] as const);
  return (
    <ChoiceControl
      title={spec.title}
      doc={spec.doc}
      value={name}
      options={spec.default === null ? [['', texts.controls.open] as const, ...known] : known}
      onChoose={(chosen) => {
        change(chosen === '' ? null : chosen);
        done();
      }}
    />
  );
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : '';
}
