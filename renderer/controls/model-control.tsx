import { choosePath } from '../documents/choose-path.ts';
import { documentTexts } from '../texts/document-texts.ts';
import { texts } from '../texts.ts';
import { useEditor, useHost } from '../use-editor.ts';
import { ChoiceControl } from './choice-control.tsx';
import type { ControlProps, SpecOf } from './control-props.ts';
import { PathField } from './path-field.tsx';

/** Stands in the list for a file that is chosen in a dialog; no model has such a name. */
const BROWSE = '\0browse';

/** A model: one of those the host has found. What the graph names beyond them stays as it is. */
export function ModelControl({ spec, value, change, done }: ControlProps<SpecOf<'model'>>) {
  const editor = useEditor();
  const models = useHost((host) => host.models);
  const name = nameOf(value);
  if (spec.holds !== undefined) {
    return (
      <PathField
        title={spec.title}
        doc={spec.doc}
        value={name}
        kind="model"
        mayBeOpen={spec.default === null}
        change={change}
        done={done}
      />
    );
  }
  const found = models.map((model) => [model.name, model.label || model.name] as const);
  const known = [...found, [BROWSE, documentTexts.picker.chooseModel] as const];
  const choose = (chosen: string | undefined): void => {
    if (chosen === undefined) return;
    change(chosen === '' ? null : chosen);
    done();
  };
  return (
    <ChoiceControl
      title={spec.title}
      doc={spec.doc}
      value={name}
      options={spec.default === null ? [['', texts.controls.open] as const, ...known] : known}
      onChoose={(chosen) => (chosen === BROWSE ? void choosePath(editor, { kind: 'model' }).then(choose) : choose(chosen))}
    />
  );
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : '';
}
