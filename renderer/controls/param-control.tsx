import type { ReactElement } from 'react';
import type { NodeId } from '../../graphs/document.ts';
import type { ParamSpec } from '../../nodes/params.ts';
import { changeParam } from '../operations/edit-selection.ts';
import { useEditor, useNodePart } from '../use-editor.ts';
import { ChoiceControl } from './choice-control.tsx';
import { ColorControl } from './color-control.tsx';
import { FileControl } from './file-control.tsx';
import { ModelControl } from './model-control.tsx';
import { NumberControl } from './number-control.tsx';
import { SchedulerControl } from './scheduler-control.tsx';
import { SeedControl } from './seed-control.tsx';
import { TextControl } from './text-control.tsx';
import { ToggleControl } from './toggle-control.tsx';

/** The control of a parameter, from its specification alone. */
export function ParamControl({
  node,
  param,
  spec,
  isRoomy = false,
}: {
  readonly node: NodeId;
  readonly param: string;
  readonly spec: ParamSpec;
  /** There is room for several lines of text. */
  readonly isRoomy?: boolean;
}): ReactElement {
  const editor = useEditor();
  const value = useNodePart(node, ({ document }) => {
    const params = document.nodes[node]?.params;
    return params !== undefined && Object.hasOwn(params, param) ? params[param] : spec.default;
  });
  const common = {
    node,
    param,
    value,
    change: (next: unknown) => changeParam(editor, node, param, next),
    done: () => editor.documents.stopMerging(),
  };
  switch (spec.kind) {
    case 'int':
    case 'number':
      return <NumberControl {...common} spec={spec} />;
    case 'text':
      return <TextControl {...common} spec={spec} isRoomy={isRoomy} />;
    case 'color':
      return <ColorControl {...common} spec={spec} />;
    case 'boolean':
      return <ToggleControl {...common} spec={spec} />;
    case 'choice':
      return (
        <ChoiceControl
          title={spec.title}
          doc={spec.doc}
          value={String(value)}
          options={Object.entries(spec.options)}
          onChoose={(name) => {
            common.change(name);
            common.done();
          }}
        />
      );
    case 'seed':
      return <SeedControl {...common} spec={spec} />;
    case 'model':
      return <ModelControl {...common} spec={spec} isRoomy={isRoomy} />;
    case 'file':
      return <FileControl {...common} spec={spec} isRoomy={isRoomy} />;
    case 'scheduler':
      return <SchedulerControl {...common} spec={spec} />;
    default:
      return spec satisfies never;
  }
}
