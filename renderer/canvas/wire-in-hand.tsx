import { useStore } from 'zustand';
import { useEditor } from '../use-editor.ts';

/** The wire that is being dragged, and the sentence about where it is held. */
export function WireInHand() {
  const drag = useStore(useEditor().wireDrag, (state) => state.drag);
  if (drag === undefined) return null;
  const [start, end] = drag.fixed.side === 'output' ? [drag.from, drag.to] : [drag.to, drag.from];
  const bend = Math.max(40, Math.abs(end.x - start.x) / 2);
  const path = `M${start.x},${start.y} C${start.x + bend},${start.y} ${end.x - bend},${end.y} ${end.x},${end.y}`;
  return (
    <>
      <svg className="wire-in-hand" aria-hidden="true">
        <g data-kind={drag.kind} data-verdict={drag.verdict}>
          <path className="wire-line" d={path} />
          <circle cx={drag.to.x} cy={drag.to.y} r="4.5" />
        </g>
      </svg>
      {drag.sentence === undefined ? null : (
        <p
          className="wire-sentence"
          role="status"
          data-verdict={drag.verdict}
          style={{ left: Math.min(drag.to.x + 16, window.innerWidth - 340), top: Math.min(drag.to.y + 16, window.innerHeight - 120) }}
        >
          {drag.sentence}
        </p>
      )}
    </>
  );
}
