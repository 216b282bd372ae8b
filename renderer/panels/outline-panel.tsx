import { ArrowRight, Plus, Trash2 } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { type EdgeId, edgeEntries, type NodeId } from '../../graphs/document.ts';
import { socketTitle } from '../../graphs/node-name.ts';
import { ParamControl } from '../controls/param-control.tsx';
import { registryOf } from '../operations/carry-out.ts';
import { nodesInReadingOrder } from '../operations/clipboard.ts';
import { removeSelection, toggleBypass, toggleMute } from '../operations/edit-selection.ts';
import { titleOf } from '../operations/node-title.ts';
import { drawWire, removeWires } from '../operations/wires.ts';
import { texts } from '../texts.ts';
import { useEditor, useGraphNode, useHost, useInference, usePart } from '../use-editor.ts';
import { givenType, judgeWire, mayFit, wantedType } from '../wiring/judge-wire.ts';

/** The graph as a list: everything that can be done with nodes and wires, without seeing or pointing at the canvas. */
export function OutlinePanel() {
  const editor = useEditor();
  const document = usePart(editor.documents.state, ({ edit }) => edit.document);
  const selected = usePart(editor.selection.state, (selection) => selection.nodes);
  const nodes = useMemo(() => nodesInReadingOrder(editor, document), [editor, document]);
  return (
    <div className="panel-scroll outline">
      <button type="button" className="button is-small" onClick={() => editor.view.setState({ addMenu: editor.canvas?.newPlace() })}>
        <Plus aria-hidden="true" />
        {texts.actions.addNode}
      </button>
      {nodes.length === 0 ? <p className="empty">{texts.inspector.emptyGraph}</p> : null}
      <ul className="outline-list" aria-label={texts.outline.nodes}>
        {nodes.map(({ id, title }) => (
          <OutlineNode key={id} id={id as NodeId} title={title} isOpen={selected.has(id as NodeId)} /> // the document's own ids
        ))}
      </ul>
    </div>
  );
}

function OutlineNode({ id, title, isOpen }: { readonly id: NodeId; readonly title: string; readonly isOpen: boolean }) {
  const editor = useEditor();
  const details = useId();
  const problems = useInference((inference) => inference.problemsByNode.get(id)?.filter((one) => one.severity === 'error').length ?? 0);
  const node = useGraphNode(id);
  const mutedBy = useInference((inference) => inference.muted[id]) as NodeId | undefined; // inference names the document's own nodes
  return (
    <li>
      <button
        type="button"
        className="outline-node"
        aria-expanded={isOpen}
        aria-controls={details}
        onClick={() => editor.selection.select(isOpen ? {} : { nodes: [id] })}
        onKeyDown={(event) => {
          if (event.key !== 'Delete') return;
          event.preventDefault();
          editor.selection.select({ nodes: [id] });
          removeSelection(editor);
        }}
      >
        <span className="item-title">{title}</span>
        {node?.mute === true ? <span className="badge">{texts.node.muted}</span> : null}
        {node?.mute !== true && node?.bypass === true ? <span className="badge">{texts.node.bypassed}</span> : null}
        {mutedBy === undefined || mutedBy === id ? null : <span className="badge">{texts.node.mutedBy(titleOf(editor, mutedBy))}</span>}
        {problems === 0 ? null : <span className="count">{texts.outline.problems(problems)}</span>}
        <span className="item-hint">{id}</span>
      </button>
      {isOpen ? <OutlineDetails id={id} elementId={details} /> : null}
    </li>
  );
}

function OutlineDetails({ id, elementId }: { readonly id: NodeId; readonly elementId: string }) {
  const node = useGraphNode(id);
  const schema = useHost((host) => host.schemas.find((one) => one.id === node?.type));
  const problems = useInference((inference) => inference.problemsByNode.get(id));
  return (
    <div id={elementId} className="outline-details">
      <Switches id={id} />
      {problems?.map((problem) => (
        <p key={problem.message} className="problem" data-severity={problem.severity}>
          {problem.message}
        </p>
      ))}
      {Object.entries(schema?.params ?? {}).map(([param, spec]) => (
        <ParamControl key={param} node={id} param={param} spec={spec} isRoomy />
      ))}
      <Wires id={id} />
      {Object.entries(schema?.inputs ?? {}).map(([input, spec]) => (
        <ConnectFrom key={input} id={id} input={input} title={spec.title} takesSeveral={spec.list === true} />
      ))}
    </div>
  );
}

/** Kept from running: looked through, or not at all. */
function Switches({ id }: { readonly id: NodeId }) {
  const editor = useEditor();
  const node = useGraphNode(id);
  return (
    <div className="button-row">
      <button type="button" className="button is-small" aria-pressed={node?.bypass === true} onClick={() => toggleBypass(editor, [id])}>
        {texts.actions.bypass}
      </button>
      <button type="button" className="button is-small" aria-pressed={node?.mute === true} onClick={() => toggleMute(editor, [id])}>
        {texts.actions.mute}
      </button>
    </div>
  );
}

function Wires({ id }: { readonly id: NodeId }) {
  const editor = useEditor();
  const document = usePart(editor.documents.state, ({ edit }) => edit.document);
  const wires = useMemo(() => edgeEntries(document).filter(([, { from, to }]) => from.node === id || to.node === id), [document, id]);
  if (wires.length === 0) return null;
  const name = (edge: EdgeId): string => {
    const wire = document.edges[edge];
    if (wire === undefined) return '';
    const registry = registryOf(editor);
    const [source, target] = [document.nodes[wire.from.node], document.nodes[wire.to.node]];
    const from = `${titleOf(editor, wire.from.node)} ${socketTitle(source && registry.get(source.type), 'outputs', wire.from.output)}`;
    const to = `${titleOf(editor, wire.to.node)} ${socketTitle(target && registry.get(target.type), 'inputs', wire.to.input)}`;
    return texts.outline.wire(from, to);
  };
  return (
    <ul className="wire-list" aria-label={texts.outline.wires}>
      {wires.map(([edge]) => (
        <li key={edge}>
          <ArrowRight aria-hidden="true" />
          <span className="item-title">{name(edge)}</span>
          <button
            type="button"
            className="icon-button is-small"
            aria-label={texts.outline.removeWire(name(edge))}
            onClick={() => removeWires(editor, [edge])}
          >
            <Trash2 aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Wires an input to one of the outputs that fit. */
function ConnectFrom({
  id,
  input,
  title,
  takesSeveral,
}: {
  readonly id: NodeId;
  readonly input: string;
  readonly title: string;
  readonly takesSeveral: boolean;
}) {
  const editor = useEditor();
  const field = useId();
  const document = usePart(editor.documents.state, ({ edit }) => edit.document);
  const inference = useInference((state) => state);
  const [refusal, setRefusal] = useState<string>();
  const wired = edgeEntries(document).find(([, { to }]) => to.node === id && to.input === input);
  const options = useMemo(() => {
    const registry = registryOf(editor);
    const type = document.nodes[id]?.type;
    const definition = type === undefined ? undefined : registry.get(type);
    const wanted = definition && wantedType(definition, input);
    if (wanted === undefined) return [];
    return nodesInReadingOrder(editor, document).flatMap((one) => {
      const source = one.id as NodeId; // the document's own ids
      const outputs = source === id ? {} : (registry.get(document.nodes[source]?.type ?? '')?.outputs ?? {});
      return Object.entries(outputs)
        .filter(([output]) => mayFit(givenType(document, registry, inference, { node: source, output }), wanted))
        .map(([output, spec]) => ({ node: source, output, label: `${one.title} ${spec.title}` }));
    });
  }, [document, editor, id, inference, input]);
  const current = wired && !takesSeveral ? JSON.stringify([wired[1].from.node, wired[1].from.output]) : '';
  const choose = (value: string): void => {
    const chosen = options.find(({ node, output }) => JSON.stringify([node, output]) === value);
    if (chosen === undefined) {
      if (wired !== undefined) removeWires(editor, [wired[0]]);
      return;
    }
    const ends = { from: { node: chosen.node, output: chosen.output }, to: { node: id, input } };
    const judged = judgeWire(editor.documents.state.getState().edit, registryOf(editor), inference, ends);
    setRefusal(judged.ok ? undefined : judged.problem.message);
    if (judged.ok) drawWire(editor, ends);
  };
  return (
    <div className="field is-choice">
      <label htmlFor={field}>{texts.outline.connect(title)}</label>
      <select id={field} value={current} onChange={(event) => choose(event.target.value)}>
        <option value="">{takesSeveral ? texts.outline.addWire : texts.outline.nothing}</option>
        {options.map(({ node, output, label }) => (
          <option key={`${node} ${output}`} value={JSON.stringify([node, output])}>
            {label}
          </option>
        ))}
      </select>
      {refusal === undefined ? null : (
        <p className="problem" role="alert">
          {refusal}
        </p>
      )}
    </div>
  );
}
