import { useEffect, useState } from 'react';
import type { NodeId } from '../../graphs/document.ts';
import type { CallResult } from '../../host/contract.ts';
import { texts } from '../texts.ts';
import { useEditor, useNodeInference, usePart } from '../use-editor.ts';

/** Whoever types is not counted at every letter. */
const PAUSE_MS = 250;

type Count = NonNullable<CallResult<'prompt.count'>['count']>;

/** How many tokens a text has for the text encoder that reads it, against what that encoder takes; nothing where none is wired. */
export function TokenCount({ node, param, id }: { readonly node: NodeId; readonly param: string; readonly id: string }) {
  const count = useTokenCount(node, param);
  if (count === undefined) return null;
  return (
    <span id={id} className="token-count figure" data-over={count.isCut ? '' : undefined} title={texts.tokens.explain(count)}>
      <span aria-hidden="true">{texts.tokens.short(count)}</span>
      <span className="sr-only">{texts.tokens.explain(count)}</span>
    </span>
  );
}

/** Asked again whenever the node's key changes (which covers its text and its model) or a wire does. */
function useTokenCount(node: NodeId, param: string): Count | undefined {
  const editor = useEditor();
  const key = useNodeInference(node, (inference) => inference.keys.get(node));
  const edges = usePart(editor.documents.state, ({ edit }) => edit.document.edges);
  const [count, setCount] = useState<Count>();
  useEffect(() => {
    if (key === undefined || edges === undefined) return setCount(undefined);
    let isOver = false;
    const ask = async (): Promise<void> => {
      const answer = await editor.client.call('prompt.count', { ...editor.inference.subject(), node, param });
      if (!isOver) setCount(answer.ok ? (answer.value.count ?? undefined) : undefined);
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [editor, key, edges, node, param]);
  return count;
}
