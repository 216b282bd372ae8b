import type { NodeProps } from '@xyflow/react';
import { createContext, memo, useContext } from 'react';
import type { NodeId } from '../../graphs/document.ts';
import { ownValue } from '../../graphs/own-value.ts';
import { useEditor, useKeyed, useNodeInference, useNodePart } from '../use-editor.ts';
import { useFlow } from './canvas-context.ts';
import { nodeOf } from './canvas-id.ts';
import { createSlowMount, type SlowMount, useSlowMount } from './mount-slowly.ts';
import { NodeBody } from './node-body.tsx';
import { NodeHeader } from './node-header.tsx';
import { Socket } from './socket.tsx';

/** The queue that fills nodes in; one for each canvas. */
export const SlowMountContext = createContext<SlowMount>(createSlowMount());

/** A node as it is drawn from its schema. Redrawn for its own changes only, whatever React Flow hands on. */
export const GraphNodeView = memo(
  function GraphNodeView({ id: canvasId }: NodeProps) {
    const id = nodeOf(canvasId);
    const editor = useEditor();
    const flow = useFlow();
    // Its title is one part, and so is what comes after its rows.
    const countParts = (): number => (flow.builder.geometryOf(editor.documents.state.getState().edit, id, false)?.rows.length ?? 0) + 2;
    const parts = useSlowMount(useContext(SlowMountContext), countParts);
    return parts > 0 ? <NearNode id={id} rows={parts - 1} /> : <OutlinedNode id={id} />;
  },
  (before, after) => before.id === after.id,
);

/** A node with the first rows of its body. */
function NearNode({ id, rows }: { readonly id: NodeId; readonly rows: number }) {
  const editor = useEditor();
  const flow = useFlow();
  const ownTitle = useNodePart(id, ({ document }) => document.nodes[id]?.title);
  const switchedOff = useSwitch(id);
  const hasPicture = useKeyed(editor.pictures.shown, id) !== undefined;
  const face = useNodePart(id, ({ document }) => flow.builder.faceOf(document, id));
  const shape = useNodePart(id, (edit) => flow.builder.geometryOf(edit, id, hasPicture));
  const isCollapsed = useNodePart(id, ({ document }) => ownValue(document.layout?.collapsed, id) === true);
  const failure = useFailure(id);
  if (face === undefined || shape === undefined) return null;
  const tint = Object.values(face.outputs)[0]?.type ?? Object.values(face.inputs)[0]?.type ?? 'any';
  return (
    <div
      className="node"
      data-node-body={id}
      data-kind={tint}
      data-off={switchedOff}
      data-unknown={face.isUnknown ? '' : undefined}
      data-failed={failure === undefined ? undefined : ''}
    >
      <NodeHeader id={id} title={ownTitle || face.title} switchedOff={switchedOff} />
      {isCollapsed ? <LooseSockets id={id} /> : <NodeBody id={id} face={face} shape={shape} rows={rows} />}
      {failure === undefined ? null : <p className="node-failure">{failure}</p>}
    </div>
  );
}

/** A node of which only the title can be made out, or which has only just come into view. */
function OutlinedNode({ id }: { readonly id: NodeId }) {
  const flow = useFlow();
  const title = useNodePart(id, ({ document }) => document.nodes[id]?.title || flow.builder.faceOf(document, id)?.title);
  const tint = useNodePart(id, ({ document }) => {
    const face = flow.builder.faceOf(document, id);
    return Object.values(face?.outputs ?? {})[0]?.type ?? Object.values(face?.inputs ?? {})[0]?.type ?? 'any';
  });
  const switchedOff = useSwitch(id);
  return (
    <div className="node is-outline" data-node-body={id} data-kind={tint} data-off={switchedOff}>
      <header className="node-header">
        <span className="node-title">{title}</span>
      </header>
    </div>
  );
}

/** Whether a node is kept from running, and how. */
function useSwitch(id: NodeId): 'bypassed' | 'muted' | undefined {
  return useNodePart(id, ({ document }) => {
    const node = document.nodes[id];
    return node?.mute === true ? 'muted' : node?.bypass === true ? 'bypassed' : undefined;
  });
}

/** The sockets of a folded node, one over the other. */
function LooseSockets({ id }: { readonly id: NodeId }) {
  const flow = useFlow();
  const face = useNodePart(id, ({ document }) => flow.builder.faceOf(document, id));
  if (face === undefined) return null;
  return (
    <>
      <span className="loose-sockets is-input">
        {Object.entries(face.inputs).map(([name, { type }]) => (
          <Socket key={name} node={id} side="input" name={name} kind={type} />
        ))}
      </span>
      <span className="loose-sockets is-output">
        {Object.entries(face.outputs).map(([name, { type }]) => (
          <Socket key={name} node={id} side="output" name={name} kind={type} />
        ))}
      </span>
    </>
  );
}

/** Why the node failed in the last run, or what is wrong with it as a whole. */
function useFailure(id: NodeId): string | undefined {
  const run = useKeyed(useEditor().runs.nodes, id);
  return useNodeInference(id, ({ keys, problemsByNode }) => {
    const problem = problemsByNode.get(id)?.find((one) => one.severity === 'error' && one.code !== 'graph.missingInput')?.message;
    if (problem !== undefined) return problem;
    return run?.state.kind === 'failed' && (run.key === undefined || run.key === keys.get(id)) ? run.state.problem.message : undefined;
  });
}
