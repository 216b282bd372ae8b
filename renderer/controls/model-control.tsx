import { Command } from 'cmdk';
import { ChevronsUpDown, FolderOpen } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useId, useState } from 'react';
import type { CallResult } from '../../host/contract.ts';
import { choosePath } from '../documents/choose-path.ts';
import { documentTexts } from '../texts/document-texts.ts';
import { texts } from '../texts.ts';
import { Thumbnail } from '../thumbnail.tsx';
import { useEditor, useHost } from '../use-editor.ts';
import type { ControlProps, SpecOf } from './control-props.ts';
import { ModelGlyph } from './model-glyph.tsx';
import { PathField } from './path-field.tsx';

type Model = CallResult<'models.list'>['models'][number];

/** A model: one of those the host has found, each with its picture. What the graph names beyond them stays as it is. */
export function ModelControl({
  spec,
  value,
  change,
  done,
  isRoomy = false,
}: ControlProps<SpecOf<'model'>> & { readonly isRoomy?: boolean }) {
  const name = nameOf(value);
  const mayBeOpen = spec.default === null;
  const choose = (chosen: string | null): void => {
    change(chosen);
    done();
  };
  return spec.holds === undefined ? (
    <ModelMenu title={spec.title} doc={spec.doc} name={name} mayBeOpen={mayBeOpen} choose={choose} />
  ) : (
    <PathField
      title={spec.title}
      doc={spec.doc}
      value={name}
      kind="model"
      mayBeOpen={mayBeOpen}
      change={change}
      done={done}
      isRoomy={isRoomy}
    />
  );
}

function ModelMenu({
  title,
  doc,
  name,
  mayBeOpen,
  choose,
}: {
  readonly title: string;
  readonly doc: string;
  readonly name: string;
  readonly mayBeOpen: boolean;
  choose(name: string | null): void;
}) {
  const id = useId();
  const editor = useEditor();
  const models = useHost((host) => host.models);
  const [isOpen, setOpen] = useState(false);
  const current = models.find((model) => model.name === name);
  const take = (chosen: string | null): void => {
    setOpen(false);
    choose(chosen);
  };
  const browse = async (): Promise<void> => {
    setOpen(false);
    const path = await choosePath(editor, { kind: 'model' });
    if (path !== undefined) choose(path);
  };
  return (
    <div className="field is-choice is-model" title={name === '' ? doc : name}>
      <label htmlFor={id}>{title}</label>
      <Popover.Root open={isOpen} onOpenChange={setOpen}>
        <Popover.Trigger id={id} className="model-button" role="combobox" aria-haspopup="listbox">
          {name === '' ? null : <ModelPicture name={name} model={current} />}
          <span className="item-title">
            {name === '' ? texts.controls.open : shortName(current ?? { name, label: '', bundled: false })}
          </span>
          <ChevronsUpDown className="chevron" aria-hidden="true" />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content className="menu model-menu" align="end" sideOffset={4} collisionPadding={8} aria-label={title} data-own-keys="">
            <Command label={title} loop>
              <Command.Input placeholder={texts.controls.searchModels} />
              <Command.List>
                <Command.Empty>{texts.controls.noModels}</Command.Empty>
                {mayBeOpen ? (
                  <Command.Item value={texts.controls.open} onSelect={() => take(null)}>
                    <span className="file-thumbnail" />
                    <span className="item-title">{texts.controls.open}</span>
                  </Command.Item>
                ) : null}
                {models.map((model) => (
                  <Command.Item key={model.path} value={`${model.label} ${model.name} ${model.family}`} onSelect={() => take(model.name)}>
                    <ModelPicture name={model.name} model={model} />
                    <span className="model-line">
                      <span className="item-title">{shortName(model)}</span>
                      <span className="item-hint">{model.bundled ? texts.controls.bundled : model.label || model.family}</span>
                    </span>
                  </Command.Item>
                ))}
                <Command.Item value={documentTexts.picker.chooseModel} onSelect={() => void browse()}>
                  <span className="file-thumbnail" aria-hidden="true">
                    <FolderOpen />
                  </span>
                  <span className="item-title">{documentTexts.picker.chooseModel}</span>
                </Command.Item>
              </Command.List>
            </Command>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}

function ModelPicture({ name, model }: { readonly name: string; readonly model: Model | undefined }) {
  return (
    <Thumbnail of={{ kind: 'model', file: model?.path ?? name }}>
      <ModelGlyph family={model?.family} label={model?.label || name} />
    </Thumbnail>
  );
}

/** A bundled model's label; else a file's name without its folders and its ending. */
function shortName({ name, label, bundled }: Pick<Model, 'name' | 'label' | 'bundled'>): string {
  if (bundled && label !== '') return label;
  return (name.split(/[\\/]/).at(-1) ?? name).replace(/\.safetensors$/, '');
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : '';
}
