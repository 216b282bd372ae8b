import Markdown from 'markdown-to-jsx';
import type { NodeId } from '../../graphs/document.ts';
import { isColor } from '../../nodes/parse-color.ts';
import { describeType } from '../../nodes/types/describe.ts';
import { ColorField } from '../controls/color-field.tsx';
import { ParamControl } from '../controls/param-control.tsx';
import { MissingModel } from '../documents/missing-model.tsx';
import { changeFrame, FRAME_COLORS } from '../operations/canvas-items.ts';
import { rename, restoreParam, toggleBypass, toggleCollapsed, toggleMute } from '../operations/edit-selection.ts';
import { texts } from '../texts.ts';
import { useEditor, useGraphNode, useHost, useInference, useNodePart, usePart } from '../use-editor.ts';

const MARKDOWN = { disableParsingRawHTML: true, forceBlock: true, overrides: { img: () => null } } as const;

/** What is selected, in full. */
export function InspectorPanel() {
  const editor = useEditor();
  const nodes = usePart(editor.selection.state, (selection) => selection.nodes);
  const frames = usePart(editor.selection.state, (selection) => selection.frames);
  const [node, ...others] = nodes;
  const [frame] = frames;
  if (node !== undefined && others.length === 0) return <NodeInspector key={node} id={node} />;
  if (nodes.size > 1) return <p className="empty">{texts.nodeCount(nodes.size)}</p>;
  if (frame !== undefined && frames.size === 1) return <FrameInspector key={frame} id={frame} />;
  return <GraphInspector />;
}

function NodeInspector({ id }: { readonly id: NodeId }) {
  const editor = useEditor();
  const node = useGraphNode(id);
  const schema = useHost((host) => host.schemas.find((one) => one.id === node?.type));
  const problems = useInference((inference) => inference.problemsByNode.get(id));
  const isCollapsed = useNodePart(id, ({ document }) => document.layout?.collapsed?.[id] === true);
  if (node === undefined) return null;
  return (
    <div className="panel-scroll inspector">
      <div className="field is-title">
        <label htmlFor="inspector-title">{texts.node.title}</label>
        <input
          id="inspector-title"
          type="text"
          key={node.title}
          defaultValue={node.title ?? ''}
          placeholder={schema?.title ?? node.type}
          onBlur={(event) => {
            if (event.target.value !== (node.title ?? '')) rename(editor, id, event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
          }}
        />
      </div>
      <MissingModel node={id} />
      <p className="summary">{schema?.summary ?? texts.inspector.unknown(node.type)}</p>
      <div className="button-row">
        <button type="button" className="button is-small" aria-pressed={node.bypass === true} onClick={() => toggleBypass(editor, [id])}>
          {texts.actions.bypass}
        </button>
        <button type="button" className="button is-small" aria-pressed={node.mute === true} onClick={() => toggleMute(editor, [id])}>
          {texts.actions.mute}
        </button>
        <button type="button" className="button is-small" aria-pressed={isCollapsed} onClick={() => toggleCollapsed(editor, [id])}>
          {texts.actions.collapse}
        </button>
      </div>
      {problems?.map((problem) => (
        <p key={problem.message} className="problem" data-severity={problem.severity}>
          {problem.message}
        </p>
      ))}
      {schema === undefined || Object.keys(schema.params).length === 0 ? null : (
        <section>
          <h2>{texts.inspector.parameters}</h2>
          {Object.entries(schema.params).map(([param, spec]) => (
            <div key={param} className="inspector-param">
              <ParamControl node={id} param={param} spec={spec} isRoomy />
              <p className="hint">
                {spec.doc}{' '}
                {node.params[param] === spec.default || node.params[param] === undefined ? null : (
                  <button type="button" className="link" onClick={() => restoreParam(editor, id, param)}>
                    {texts.inspector.reset}
                  </button>
                )}
              </p>
            </div>
          ))}
        </section>
      )}
      {schema === undefined ? null : <Sockets id={id} schema={schema} />}
      {schema === undefined || schema.docs === '' ? null : (
        <section className="markdown">
          <h2>{texts.inspector.documentation}</h2>
          <Markdown options={MARKDOWN}>{schema.docs}</Markdown>
        </section>
      )}
    </div>
  );
}

function Sockets({ id, schema }: { readonly id: NodeId; readonly schema: NonNullable<ReturnType<typeof useSchema>> }) {
  const inputs = useInference((inference) => inference.inputs[id]);
  const outputs = useInference((inference) => inference.outputs[id]);
  return (
    <section>
      <h2>{texts.inspector.sockets}</h2>
      <dl className="socket-list">
        {Object.entries(schema.inputs).map(([name, spec]) => {
          const type = inputs?.[name];
          return (
            <SocketLine
              key={name}
              title={spec.title}
              kind={spec.type}
              doc={spec.doc}
              text={type === undefined ? spec.type : describeType(type)}
            />
          );
        })}
        {Object.entries(schema.outputs).map(([name, spec]) => {
          const type = outputs?.[name];
          return (
            <SocketLine
              key={name}
              title={`→ ${spec.title}`}
              kind={spec.type}
              doc={spec.doc}
              text={type === undefined ? spec.type : describeType(type)}
            />
          );
        })}
      </dl>
    </section>
  );
}

function useSchema(type: string) {
  return useHost((host) => host.schemas.find((one) => one.id === type));
}

function SocketLine({
  title,
  kind,
  text,
  doc,
}: {
  readonly title: string;
  readonly kind: string;
  readonly text: string;
  readonly doc: string;
}) {
  return (
    <div title={doc}>
      <dt>
        <span className="kind-dot" data-kind={kind} aria-hidden="true" />
        {title}
      </dt>
      <dd>{text}</dd>
    </div>
  );
}

function FrameInspector({ id }: { readonly id: string }) {
  const editor = useEditor();
  const frame = usePart(editor.documents.state, ({ edit }) => edit.document.layout?.frames?.[id]);
  if (frame === undefined) return null;
  return (
    <div className="panel-scroll inspector">
      <h2>{frame.title || texts.frame.untitled}</h2>
      <fieldset className="swatches">
        <legend>{texts.frame.color}</legend>
        {FRAME_COLORS.map((color) => (
          <button
            key={color}
            type="button"
            className="swatch"
            data-color={color}
            aria-label={texts.frame.colors[color]}
            aria-pressed={(frame.color ?? 'grey') === color}
            onClick={() => changeFrame(editor, id, { color })}
          />
        ))}
      </fieldset>
      <ColorField
        title={texts.frame.ownColor}
        doc={texts.frame.color}
        value={frame.color !== undefined && isColor(frame.color) ? frame.color : ''}
        mayBeOpen
        change={(color) => {
          if (color !== null && !isColor(color)) return texts.frame.noColor;
          changeFrame(editor, id, { color: color ?? 'grey' });
          return undefined;
        }}
        done={() => editor.documents.stopMerging()}
      />
    </div>
  );
}

/** The graph as a whole: what is wrong with it. */
function GraphInspector() {
  const editor = useEditor();
  const problems = useInference((inference) => inference.problems);
  const count = usePart(editor.documents.state, ({ edit }) => Object.keys(edit.document.nodes).length);
  return (
    <div className="panel-scroll inspector">
      <p className="summary">{count === 0 ? texts.inspector.emptyGraph : texts.inspector.graph(count)}</p>
      {problems.length === 0 ? null : (
        <section>
          <h2>{texts.inspector.problems}</h2>
          {problems.map((problem) => (
            <button
              key={`${problem.nodeId} ${problem.message}`}
              type="button"
              className="problem"
              data-severity={problem.severity}
              onClick={() => {
                const id = problem.nodeId as NodeId | undefined; // problems name the document's own nodes
                if (id === undefined) return;
                editor.selection.select({ nodes: [id] });
                editor.canvas?.fit([id]);
              }}
            >
              {problem.message}
            </button>
          ))}
        </section>
      )}
    </div>
  );
}
