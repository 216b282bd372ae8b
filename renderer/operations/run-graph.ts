import { type NodeId, nodeEntries } from '../../graphs/document.ts';
import type { Editor } from '../editor.ts';
import { registryOf } from './carry-out.ts';
import { changeParam } from './edit-selection.ts';

/** Runs the graph, or what some nodes need. Seeds that are not locked get a new value first. */
export async function startRun(editor: Editor, targets?: readonly NodeId[]): Promise<void> {
  if (editor.runs.state.getState().current !== undefined) return;
  drawSeeds(editor);
  rememberSeeds(editor);
  await editor.inference.settle();
  const document = editor.documents.document();
  const { name } = editor.documents.state.getState();
  const started = await editor.runs.start(
    {
      graph: JSON.stringify(document),
      ...editor.workspace.documentArg(),
      ...(targets === undefined || targets.length === 0 ? {} : { targets: [...targets] }),
    },
    { name, keys: editor.inference.state.getState().keys },
  );
  if (!started.ok) editor.notices.tell(started.problem.message, 'trouble');
}

function drawSeeds(editor: Editor): void {
  const { looseSeeds } = editor.view.getState();
  for (const { node, param } of seedParams(editor)) {
    if (looseSeeds.has(`${node}.${param}`)) changeParam(editor, node, param, drawSeed());
  }
}

const REMEMBERED_SEEDS = 12;

function rememberSeeds(editor: Editor): void {
  for (const { node, param } of seedParams(editor)) {
    const key = `${node}.${param}`;
    const seed = editor.documents.document().nodes[node]?.params[param];
    const before = editor.usedSeeds.get(key) ?? [];
    if ((typeof seed !== 'string' && typeof seed !== 'number') || before[0] === String(seed)) continue;
    editor.usedSeeds.set(key, [String(seed), ...before.filter((one) => one !== String(seed))].slice(0, REMEMBERED_SEEDS));
  }
}

function seedParams(editor: Editor): { readonly node: NodeId; readonly param: string }[] {
  return nodeEntries(editor.documents.document()).flatMap(([node, { type }]) =>
    Object.entries(registryOf(editor).get(type)?.params ?? {}).flatMap(([param, spec]) => (spec.kind === 'seed' ? [{ node, param }] : [])),
  );
}

/** A seed by chance: 48 bits, short enough to read out. */
export function drawSeed(): string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return String((high & 0xffff) * 2 ** 32 + low);
}
