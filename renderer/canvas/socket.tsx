import { memo, type PointerEvent } from 'react';
import type { NodeId } from '../../graphs/document.ts';
import { useEditor } from '../use-editor.ts';
import { startWireDrag } from '../wiring/wire-drag.ts';

/** Where wires end: a shape and colour for each kind of value. A plain element; dragging is wiring/wire-drag.ts's. */
export const Socket = memo(function Socket({
  node,
  side,
  name,
  kind,
  isList,
}: {
  readonly node: NodeId;
  readonly side: 'input' | 'output';
  readonly name: string;
  /** Decides on shape and colour. */
  readonly kind: string;
  readonly isList?: boolean | undefined;
}) {
  const editor = useEditor();
  const onPointerDown = (event: PointerEvent<HTMLElement>): void => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    startWireDrag(editor, editor.wireDrag, event.currentTarget, event.nativeEvent);
  };
  return (
    <span
      className="socket nodrag nopan"
      data-socket=""
      data-node={node}
      data-side={side}
      data-name={name}
      data-kind={kind}
      data-list={isList === true ? '' : undefined}
      onPointerDown={onPointerDown}
    />
  );
});
