import { setParam } from '../../graphs/commands/set-param.ts';
import type { NodeId } from '../../graphs/document.ts';
import { isUnlocked, listSeeds, type SeedPlace } from '../../graphs/unlocked-seeds.ts';
import type { Editor } from '../editor.ts';
import { MOST_SEEDS } from '../store/keep-seeds.ts';
import { texts } from '../texts.ts';
import { carryOut, inTurn, registryOf } from './carry-out.ts';

/** Runs the graph, or what some nodes need, after what runs already. Seeds that are not locked get a new value first. */
export async function startRun(editor: Editor, targets?: readonly NodeId[]): Promise<void> {
  drawSeeds(editor);
  rememberSeeds(editor);
  // Another run may be asked for, with other seeds, before this one is on its way.
  const document = editor.documents.document();
  await editor.inference.settle();
  const isAsIs = editor.documents.document().nodes === document.nodes;
  const { name } = editor.documents.state.getState();
  const started = await editor.runs.start(
    {
      graph: JSON.stringify(document),
      ...editor.workspace.documentArg(),
      ...(targets === undefined || targets.length === 0 ? {} : { targets: [...targets] }),
    },
    { name, keys: isAsIs ? editor.inference.state.getState().keys : new Map() },
  );
  if (!started.ok) editor.notices.tell(started.problem.message, 'trouble');
  else if (await isHeld(editor)) editor.notices.tell(texts.runs.isHeld);
}

/** Asked again: a run that nothing waits before lets the queue go on. */
async function isHeld({ client, queue }: Editor): Promise<boolean> {
  if (!queue.state.getState().isPaused) return false;
  const listed = await client.call('queue.list', {});
  return listed.ok && listed.value.isPaused;
}

/** Unlocked seeds get new values. Throws without an edit between them are one step. */
function drawSeeds(editor: Editor): void {
  const registry = registryOf(editor);
  const document = editor.documents.document();
  const loose = listSeeds(document, registry).filter((place) => isUnlocked(document, place));
  if (loose.length === 0) return;
  const draw = ({ node, param }: SeedPlace): unknown => {
    const value = document.nodes[node]?.params[param];
    return Array.isArray(value) ? value.map(drawSeed) : drawSeed();
  };
  carryOut(
    editor,
    texts.steps.throwSeeds(loose.length),
    (draft) =>
      inTurn(
        draft,
        loose.map((place) => (draft) => setParam(draft, { registry, ...place, value: draw(place) })),
      ),
    { merge: 'seeds' },
  );
}

/**
 * Where the seeds are remembered that one parameter of the open document has had in runs: at its file, which may be closed and opened
 * again; before it had one, at itself.
 */
export function usedSeedsKeys(editor: Editor, { node, param }: SeedPlace): { readonly key: string; readonly before: string } {
  const { id = '', path = null } = editor.workspace.active()?.session.state.getState().document ?? {};
  return { key: `${path ?? id} ${node}.${param}`, before: `${id} ${node}.${param}` };
}

function rememberSeeds(editor: Editor): void {
  const document = editor.documents.document();
  for (const place of listSeeds(document, registryOf(editor))) {
    const keys = usedSeedsKeys(editor, place);
    const seed = document.nodes[place.node]?.params[place.param];
    const before = editor.usedSeeds.get(keys.key) ?? editor.usedSeeds.get(keys.before) ?? [];
    if ((typeof seed !== 'string' && typeof seed !== 'number') || before[0] === String(seed)) continue;
    editor.usedSeeds.set(keys.key, [String(seed), ...before.filter((one) => one !== String(seed))].slice(0, MOST_SEEDS));
  }
}

/** A seed by chance: 48 bits, short enough to read out. */
export function drawSeed(): string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return String((high & 0xffff) * 2 ** 32 + low);
}
