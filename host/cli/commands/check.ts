import { findNode, nodeEntries } from '../../../graphs/document.ts';
import type { Problem } from '../../../nodes/problem.ts';
import { checkGraph } from '../../check-graph.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodeFor } from '../exit-code.ts';
import { gatherProblems } from '../gather-problems.ts';
import { loadSource } from '../load-source.ts';
import type { NamedFolders } from '../make-policy.ts';
import { openHost } from '../open-host.ts';
import { problemLine } from '../output.ts';

/** What `emulsion check` takes. */
export interface CheckCommandOptions extends NamedFolders {
  readonly set: readonly string[];
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Tells everything that is wrong with a graph, one sentence a line, without running it; returns the exit code. */
export async function checkCommand({ parts, output }: CommandContext, source: string, options: CheckCommandOptions): Promise<number> {
  const host = await openHost(parts, options);
  const tell = (problems: readonly Problem[], titleOf: (nodeId: string) => string | undefined): number => {
    if (options.json) for (const one of problems) output.json(one);
    else for (const one of gatherProblems(problems, titleOf)) output.result(problemLine(one));
    return exitCodeFor(problems);
  };
  const loaded = await loadSource(source, options.set, options, host, parts.templatesFolder);
  if (!loaded.ok) return tell([loaded.problem], () => undefined);
  const { document, policy } = loaded.value;
  const problems = checkGraph(document, loaded.value.problems, host.registry, await host.findFacts(document, policy));
  if (problems.length === 0) output.note(`${source} is in order: ${count(nodeEntries(document).length, 'node')}.`);
  return tell(problems, (id) => {
    const node = findNode(document, id);
    return node && (node.title || host.registry.get(node.type)?.title);
  });
}

function count(items: number, what: string): string {
  return `${items} ${what}${items === 1 ? '' : 's'}`;
}
