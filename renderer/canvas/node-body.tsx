import { ChevronDown, ChevronUp } from 'lucide-react';
import { memo } from 'react';
import type { NodeId } from '../../graphs/document.ts';
import { ownValue } from '../../graphs/own-value.ts';
import { describeType } from '../../nodes/types/describe.ts';
import { socketKindOfParam } from '../../nodes/types/from-kind.ts';
import { ParamControl } from '../controls/param-control.tsx';
import { unfold } from '../operations/edit-selection.ts';
import { texts } from '../texts.ts';
import { useThumbnail } from '../thumbnail.tsx';
import { useEditor, useKeyed, useNodeInference, useNodePart } from '../use-editor.ts';
import type { NodeFace } from './node-face.ts';
import { type FoldRow, type NodeGeometry, type NodeRow, PARAM_ROW_HEIGHT, PICTURE_HEIGHT } from './node-geometry.ts';
import { Socket } from './socket.tsx';
import { detailOf } from './type-text.ts';
import { wiredInputs } from './wired-inputs.ts';

/** What is under a node's title, from the top: sockets and controls, and once all of them are there, the rest. */
export function NodeBody({
  id,
  face,
  shape,
  rows,
}: {
  readonly id: NodeId;
  readonly face: NodeFace;
  readonly shape: NodeGeometry;
  /** How many of its rows are there. */
  readonly rows: number;
}) {
  const isWhole = rows > shape.rows.length;
  return (
    <div className="node-body">
      {shape.rows.slice(0, rows).map((row) => (
        <Row key={`${row.kind} ${row.name}`} id={id} face={face} row={row} />
      ))}
      {shape.fold === undefined || !isWhole ? null : <Fold id={id} face={face} fold={shape.fold} />}
      {shape.pictureTop === undefined || !isWhole ? null : <Picture id={id} face={face} />}
    </div>
  );
}

interface RowProps {
  readonly id: NodeId;
  readonly face: NodeFace;
  readonly row: NodeRow;
}

/** Not drawn again where rows come after it. */
const Row = memo(function Row({ id, face, row }: RowProps) {
  if (row.kind === 'output') return <OutputRow id={id} face={face} row={row} />;
  if (row.kind === 'input') return <InputRow id={id} face={face} row={row} />;
  return <ParamRow id={id} face={face} row={row} />;
});

function OutputRow({ id, face, row }: RowProps) {
  const spec = ownValue(face.outputs, row.name);
  const type = useNodeInference(id, (inference) => inference.outputs[id]?.[row.name]);
  if (spec === undefined) return null;
  const detail = detailOf(type);
  return (
    <div
      className="socket-row is-output"
      style={{ height: row.height }}
      title={`${type === undefined ? spec.title : describeType(type)}. ${spec.doc}`}
    >
      {detail === '' ? null : <span className="socket-detail">{detail}</span>}
      <span className="socket-title">{spec.title}</span>
      <Socket node={id} side="output" name={row.name} kind={spec.type} />
    </div>
  );
}

function InputRow({ id, face, row }: RowProps) {
  const spec = ownValue(face.inputs, row.name);
  const type = useNodeInference(id, (inference) => inference.inputs[id]?.[row.name]);
  const problem = useProblem(id, row.name);
  if (spec === undefined) return null;
  const detail = detailOf(type);
  return (
    <div
      className="socket-row is-input"
      style={{ height: row.height }}
      data-problem={problem === undefined ? undefined : ''}
      title={problem ?? `${type === undefined ? spec.title : describeType(type)}. ${spec.doc}`}
    >
      <Socket node={id} side="input" name={row.name} kind={spec.type} isList={spec.list} />
      <span className="socket-title">{spec.title}</span>
      {spec.optional && detail === '' ? <span className="socket-detail">{texts.node.optional}</span> : null}
      {detail === '' ? null : <span className="socket-detail">{detail}</span>}
    </div>
  );
}

function ParamRow({ id, face, row }: RowProps) {
  const spec = ownValue(face.params, row.name);
  const isWired = useNodePart(id, ({ document }) => wiredInputs(document.edges).get(id)?.has(row.name) === true);
  const type = useNodeInference(id, (inference) => (isWired ? inference.inputs[id]?.[row.name] : undefined));
  const problem = useProblem(id, row.name);
  if (spec === undefined) return null;
  return (
    <div
      className="param-row nodrag"
      style={{ height: row.height }}
      data-wired={isWired ? '' : undefined}
      data-problem={problem === undefined ? undefined : ''}
      title={problem}
    >
      <Socket node={id} side="input" name={row.name} kind={socketKindOfParam(spec.kind)} />
      {isWired ? (
        <div className="field is-wired">
          <span className="label">{spec.title}</span>
          <span className="socket-detail">{detailOf(type) || texts.node.fromWire}</span>
        </div>
      ) : (
        <ParamControl node={id} param={row.name} spec={spec} isRoomy={row.height > PARAM_ROW_HEIGHT} />
      )}
    </div>
  );
}

/** Shows the parameters that are folded away, and folds them again. */
function Fold({ id, face, fold }: { readonly id: NodeId; readonly face: NodeFace; readonly fold: FoldRow }) {
  const editor = useEditor();
  const title = useNodePart(id, ({ document }) => document.nodes[id]?.title) || face.title;
  return (
    <button
      type="button"
      className="fold-row nodrag"
      style={{ height: fold.height }}
      aria-expanded={fold.isUnfolded}
      aria-label={fold.isUnfolded ? texts.node.fewerOf(title) : texts.node.moreOf(fold.count, title)}
      onClick={() => unfold(editor, id, !fold.isUnfolded)}
    >
      {fold.isUnfolded ? <ChevronUp aria-hidden="true" /> : <ChevronDown aria-hidden="true" />}
      {fold.isUnfolded ? texts.node.fewer : texts.node.more(fold.count)}
    </button>
  );
}

/** The sentence about what is wrong at one socket or parameter. */
function useProblem(id: NodeId, socket: string): string | undefined {
  return useNodeInference(
    id,
    (inference) => inference.problemsByNode.get(id)?.find((one) => one.socket === socket && one.severity === 'error')?.message,
  );
}

function Picture({ id, face }: { readonly id: NodeId; readonly face: NodeFace }) {
  const picture = useKeyed(useEditor().pictures.shown, id);
  return (
    <div className="node-picture" style={{ height: PICTURE_HEIGHT }} data-preview={picture?.isPreview ? '' : undefined}>
      {picture === undefined && face.pictureParam !== undefined ? <FilePicture id={id} param={face.pictureParam} /> : null}
      {picture === undefined && face.pictureParam === undefined ? <span className="node-picture-empty">{texts.node.noPicture}</span> : null}
      {picture === undefined ? null : (
        <img
          src={picture.url}
          alt={picture.isPreview ? texts.node.preview : texts.node.result}
          width={picture.widthPx}
          height={picture.heightPx}
          draggable={false}
          data-small={Math.max(picture.widthPx, picture.heightPx) <= 128 ? '' : undefined}
        />
      )}
    </div>
  );
}

/** The picture file that a parameter names. */
function FilePicture({ id, param }: { readonly id: NodeId; readonly param: string }) {
  const file = useNodePart(id, ({ document }) => document.nodes[id]?.params[param]);
  const picture = useThumbnail({ kind: 'picture', file: typeof file === 'string' ? file : '' });
  if (picture === undefined) return <span className="node-picture-empty">{texts.node.noFile}</span>;
  return <img src={picture.url} alt={texts.node.file} width={picture.widthPx} height={picture.heightPx} draggable={false} />;
}
