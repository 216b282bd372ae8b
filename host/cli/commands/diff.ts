import { diffGraphs } from '../../../graphs/diff-graphs.ts';
import { loadGraph } from '../../load-graph.ts';
import { problemsBeforeRun } from '../../problems-before-run.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, exitCodeFor } from '../exit-code.ts';

/** What `emulsion diff` takes. */
export interface DiffCommandOptions {
  readonly json: boolean;
}

/** Tells what changes from one graph to another, one change a line; returns the exit code, which is the same with and without changes. */
export async function diffCommand(
  { parts, output }: CommandContext,
  sources: readonly [string, string],
  options: DiffCommandOptions,
): Promise<number> {
  const registry = await parts.loadRegistry();
  const [a, b] = await Promise.all(sources.map((source) => loadGraph(source, registry, parts.templatesFolder)));
  if (a === undefined || b === undefined) throw new Error('two sources give two graphs');
  for (const one of [a, b]) if (!one.ok) output.problem(one.problem);
  if (!a.ok || !b.ok) return exitCodeFor([a, b].flatMap((one) => (one.ok ? [] : [one.problem])));
  for (const { document, problems } of [a.value, b.value]) {
    for (const one of problemsBeforeRun(document, problems)) output.problem(one);
  }
  const entries = diffGraphs(a.value.document, b.value.document, registry);
  for (const entry of entries) {
    if (options.json) output.json(entry);
    else output.result(entry.message);
  }
  if (entries.length === 0 && !options.json) output.result('Nothing has changed.');
  return EXIT.done;
}
