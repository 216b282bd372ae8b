import { useEffect, useState } from 'react';
import type { DiffEntry } from '../../graphs/diff-graphs.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { CallArgs } from '../../host/contract.ts';
import { documentTexts } from '../texts/document-texts.ts';
import { useEditor, usePart } from '../use-editor.ts';
import { chooseOfComputer } from './choose-path.ts';
import { DialogFrame } from './dialog-frame.tsx';
import type { DialogOf } from './dialog-store.ts';
import type { Tab } from './workspace.ts';

const texts = documentTexts.diff;

type Version = CallArgs<'document.diff'>['from'];

/** What there is to compare with. */
interface Choice {
  readonly id: string;
  readonly label: string;
  readonly version: Version;
}

/** What changes from another version to the open document. */
export function DiffDialog({ dialog: { answer } }: { readonly dialog: DialogOf<'diff'> }) {
  const { client, workspace, documents, selection, canvas } = useEditor();
  const { tabs, active } = usePart(workspace.state, (state) => state);
  const { name, edit } = usePart(documents.state, (state) => state);
  const [chosenFile, setChosenFile] = useState<Choice>();
  const others = tabs.filter(({ key }) => key !== active).map((tab) => describe(tab));
  const own = tabs.find(({ key }) => key === active)?.session.state.getState().document;
  const file: Choice[] =
    own === undefined || own.path === null ? [] : [{ id: 'file', label: texts.file, version: { kind: 'file', id: own.id } }];
  const choices = [...file, ...others];
  if (chosenFile !== undefined) choices.push(chosenFile);
  const [chosen, setChosen] = useState(choices[0]?.id);
  const [found, setFound] = useState<{ readonly changes: readonly DiffEntry[] } | { readonly refusal: string }>();
  const version = choices.find((one) => one.id === chosen)?.version;
  const from = version === undefined ? undefined : JSON.stringify(version);

  useEffect(() => {
    if (from === undefined) return;
    let isGone = false;
    const ask = async (): Promise<void> => {
      // What was written just above.
      const to: Version = { kind: 'text', text: writeGraph(edit.document) };
      const diff = await client.call('document.diff', { from: JSON.parse(from) as Version, to });
      if (!isGone) setFound(diff.ok ? { changes: diff.value.changes } : { refusal: diff.problem.message });
    };
    void ask();
    return () => {
      isGone = true;
    };
  }, [client, edit.document, from]);

  const chooseFile = async (): Promise<void> => {
    const file = await chooseOfComputer('.json,application/json');
    if (file === undefined) return;
    setChosenFile({ id: 'computer', label: file.name, version: { kind: 'text', text: await file.text() } });
    setChosen('computer');
  };
  const show = ({ nodeId }: DiffEntry): void => {
    if (nodeId === undefined || !Object.hasOwn(edit.document.nodes, nodeId)) return;
    answer(undefined);
    selection.select({ nodes: [nodeId] });
    canvas?.fit([nodeId]);
  };

  return (
    <DialogFrame title={texts.title} message={texts.with(name)} className="diff" close={() => answer(undefined)}>
      <div className="dialog-actions">
        {choices.length === 0 ? null : (
          <label className="field is-choice is-wide">
            <span className="label">{texts.label}</span>
            <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
              {choices.map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" className="button" onClick={() => void chooseFile()}>
          {texts.chooseFile}
        </button>
      </div>
      {found === undefined ? null : 'refusal' in found ? (
        <p className="problem" role="alert">
          {found.refusal}
        </p>
      ) : (
        <section className="diff-found">
          <p role="status">{found.changes.length === 0 ? texts.nothing : texts.count(found.changes.length)}</p>
          <ul className="diff-list" aria-label={texts.list}>
            {found.changes.map((entry) => (
              <li key={`${entry.kind} ${entry.nodeId} ${entry.socket} ${entry.message}`} data-kind-of-change={entry.kind}>
                {entry.nodeId !== undefined && Object.hasOwn(edit.document.nodes, entry.nodeId) ? (
                  <button type="button" className="diff-entry" title={texts.show} onClick={() => show(entry)}>
                    {entry.message}
                  </button>
                ) : (
                  <span className="diff-entry">{entry.message}</span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </DialogFrame>
  );
}

function describe({ key, session }: Tab): Choice {
  const { document } = session.state.getState();
  return { id: key, label: document.title, version: { kind: 'document', id: document.id } };
}
