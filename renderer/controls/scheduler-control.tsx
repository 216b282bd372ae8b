import { texts } from '../texts.ts';
import { useHost } from '../use-editor.ts';
import { ChoiceControl } from './choice-control.tsx';
import type { ControlProps, SpecOf } from './control-props.ts';

/** A sampler by name. A whole configuration, as a file may hold one, stays as it is. */
export function SchedulerControl({ spec, value, change, done }: ControlProps<SpecOf<'scheduler'>>) {
  const schedulers = useHost((host) => host.schedulers);
  const isConfiguration = typeof value === 'object' && value !== null;
  return (
    <ChoiceControl
      title={spec.title}
      doc={spec.doc}
      value={isConfiguration ? texts.controls.ownConfiguration : String(value)}
      options={schedulers.map(({ name, title }) => [name, title] as const)}
      onChoose={(name) => {
        change(name);
        done();
      }}
    />
  );
}
