import { type EdgeProps, getBezierPath } from '@xyflow/react';
import { memo } from 'react';
import type { NodeId } from '../../graphs/document.ts';
import { useNodeInference } from '../use-editor.ts';
import { nodeOf } from './canvas-id.ts';
import type { WireElement } from './flow-elements.ts';
import { kindOfType } from './type-text.ts';

const GRIP_WIDTH = 18;

/** A wire in the colour of what it carries; dashed where its target says that it does not fit. */
export const WireEdge = memo(
  function WireEdge({
    id,
    source,
    sourceHandleId,
    target,
    targetHandleId,
    data,
    selected,
    sourceX,
    sourceY,
    sourcePosition,
    targetX,
    targetY,
    targetPosition,
  }: EdgeProps<WireElement>) {
    const node = nodeOf(target);
    const input = targetHandleId?.slice('input:'.length);
    const isWrong = useNodeInference(
      node,
      (inference) => inference.problemsByNode.get(node)?.some((one) => one.socket === input && one.severity === 'error') === true,
    );
    const [path] = getBezierPath({ sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition });
    const drawn = { id, path, isSelected: selected === true, isWrong };
    return data?.kind === 'any' && sourceHandleId ? (
      <WireOfAny {...drawn} source={nodeOf(source)} output={sourceHandleId.slice('output:'.length)} />
    ) : (
      <DrawnWire {...drawn} kind={data?.kind} />
    );
  },
  (a, b) =>
    a.id === b.id &&
    a.sourceX === b.sourceX &&
    a.sourceY === b.sourceY &&
    a.targetX === b.targetX &&
    a.targetY === b.targetY &&
    a.selected === b.selected &&
    a.data === b.data &&
    a.source === b.source &&
    a.sourceHandleId === b.sourceHandleId &&
    a.target === b.target &&
    a.targetHandleId === b.targetHandleId,
);

interface WireLine {
  readonly id: string;
  readonly path: string;
  readonly isSelected: boolean;
  readonly isWrong: boolean;
}

/** What passes anything on gives what it is given. */
function WireOfAny({ source, output, ...drawn }: WireLine & { readonly source: NodeId; readonly output: string }) {
  const carried = useNodeInference(source, (inference) => kindOfType(inference.outputs[source]?.[output]));
  return <DrawnWire {...drawn} kind={carried ?? 'any'} />;
}

function DrawnWire({ id, path, kind, isSelected, isWrong }: WireLine & { readonly kind: string | undefined }) {
  return (
    <g className="wire" data-wire={id} data-kind={kind} data-selected={isSelected ? '' : undefined} data-wrong={isWrong ? '' : undefined}>
      <path className="wire-edge" d={path} />
      <path className="wire-line" d={path} />
      <path className="react-flow__edge-interaction" d={path} strokeWidth={GRIP_WIDTH} strokeOpacity={0} fill="none" />
    </g>
  );
}
