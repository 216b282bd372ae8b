import { useCallback, useEffect, useState } from 'react';
import type { NodeId } from '../../graphs/document.ts';
import type { CallArgs, CallResult } from '../../host/contract.ts';
import { changeParam } from '../operations/edit-selection.ts';
import { documentTexts } from '../texts/document-texts.ts';
import { useEditor, useGraphNode, useHost, useInference } from '../use-editor.ts';

const texts = documentTexts.missing;

type Reference = CallArgs<'model.suggest'>['reference'];
type Found = CallResult<'model.suggest'>;

/** Why a model can't be had where a graph says it is. */
const CODES: ReadonlySet<string> = new Set(['model.missing', 'file.missing', 'file.outside']);

/** What may take the place of a model that a node names and that is not there; nothing where all is well. */
export function MissingModel({ node }: { readonly node: NodeId }) {
  const problems = useInference((inference) => inference.problemsByNode.get(node));
  const type = useGraphNode(node)?.type;
  const params = useGraphNode(node)?.params;
  const specs = useHost((host) => host.schemas.find(({ id }) => id === type)?.params);
  const models = Object.entries(specs ?? {}).flatMap(([name, spec]) => (spec.kind === 'model' && spec.holds === undefined ? [name] : []));
  const problem = problems?.find(({ code, socket }) => CODES.has(code) && (socket === undefined || models.includes(socket)));
  const param = problem === undefined ? undefined : (problem.socket ?? models[0]);
  const reference = param === undefined ? undefined : params?.[param];
  if (param === undefined || !isReference(reference)) return null;
  return <Suggestions key={JSON.stringify(reference)} node={node} param={param} reference={reference} />;
}

function Suggestions({ node, param, reference }: { readonly node: NodeId; readonly param: string; readonly reference: Reference }) {
  const editor = useEditor();
  const { client, notices } = editor;
  const [found, setFound] = useState<Found>();
  const asked = JSON.stringify(reference);
  const ask = useCallback(async (): Promise<void> => {
    const suggested = await client.call('model.suggest', { reference: JSON.parse(asked) as Reference }); // written just above
    if (suggested.ok) setFound(suggested.value);
  }, [client, asked]);
  useEffect(() => void ask(), [ask]);
  const use = (name: string): void => {
    const refusal = changeParam(editor, node, param, name);
    editor.documents.stopMerging();
    if (refusal !== undefined) notices.tell(refusal, 'trouble');
  };
  return (
    <section className="missing-model" aria-label={texts.title}>
      <h2>{texts.title}</h2>
      {found === undefined ? <p role="status">{texts.looking}</p> : null}
      {found?.suggestions.length === 0 ? <p role="status">{texts.none}</p> : null}
      <ul>
        {found?.suggestions.map(({ name, label, family, because }) => (
          <li key={name}>
            <button type="button" className="button is-small" title={name} onClick={() => use(name)}>
              {texts.use(label || name)}
            </button>
            <span className="hint">
              {texts.because[because]}, {family}
            </span>
          </li>
        ))}
      </ul>
      {found === undefined ? null : (
        <p className="hint">
          {found.unread > 0 ? `${texts.unread(found.unread)} ` : ''}
          <button type="button" className="link" onClick={() => void ask()}>
            {texts.again}
          </button>
        </p>
      )}
    </section>
  );
}

function isReference(value: unknown): value is Reference {
  return (
    (typeof value === 'string' && value !== '') ||
    (typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string')
  );
}
