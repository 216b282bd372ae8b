import type { NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { useNodeInference, useNodePart } from '../use-editor.ts';
import { useFlow } from './canvas-context.ts';
import { nodeOf } from './canvas-id.ts';
import { Socket } from './socket.tsx';
import { kindOfType } from './type-text.ts';

/** A node that only passes a value on: a dot that wires can be led through. */
export const DotNode = memo(
  function DotNode({ id: canvasId }: NodeProps) {
    const id = nodeOf(canvasId);
    const flow = useFlow();
    const face = useNodePart(id, ({ document }) => flow.builder.faceOf(document, id));
    const [input] = Object.keys(face?.inputs ?? {});
    const [output] = Object.keys(face?.outputs ?? {});
    const kind =
      useNodeInference(id, (inference) => (output === undefined ? undefined : kindOfType(inference.outputs[id]?.[output]))) ?? 'any';
    return (
      <div className="dot-node" data-node-body={id}>
        {input === undefined ? null : <Socket node={id} side="input" name={input} kind={kind} />}
        {output === undefined ? null : <Socket node={id} side="output" name={output} kind={kind} />}
      </div>
    );
  },
  (before, after) => before.id === after.id,
);
