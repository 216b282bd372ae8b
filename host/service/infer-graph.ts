import { existsSync } from 'node:fs';
import type { GraphDocument } from '../../graphs/document.ts';
import { inferTypes } from '../../graphs/infer.ts';
import { planRun } from '../../graphs/plan.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import type { Problem } from '../../nodes/problem.ts';
import type { SocketType } from '../../nodes/types/socket-type.ts';
import { resultHash } from '../evaluator/result-hash.ts';
import { type FactsTable, factsFromTable } from '../facts-table.ts';
import { entryPath, isEntryKey } from '../store/cache-folder.ts';

/** What an editor shows of a graph before it runs. Plain data. */
export interface InferredGraph {
  /** By node and output. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, SocketType>>>>;
  /** By node and wired input. */
  readonly inputs: Readonly<Record<string, Readonly<Record<string, SocketType>>>>;
  /** By node: what its result will be kept under. The same key means the same result. Nodes that can't run have none. */
  readonly keys: Readonly<Record<string, string>>;
  /** Nodes whose results lie in the disk cache. */
  readonly cached: readonly string[];
  /** Nodes that do not run because of a muted one, and which; a muted one names itself. */
  readonly muted: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

/** Types, problems and keys of every node of a graph, whether a run would ask for it or not. */
export function inferGraph(
  document: GraphDocument,
  readProblems: readonly Problem[],
  registry: NodeRegistry,
  table: FactsTable,
  cacheFolder: string | null,
): InferredGraph {
  const facts = factsFromTable(table);
  const types = inferTypes(document, registry, facts);
  const planned = planRun({
    document,
    registry,
    facts,
    targets: Object.keys(document.nodes),
    // As for a run that says nothing about devices and memory: the editor's runs.
    hash: resultHash('auto', 'auto'),
    isCached: () => false,
  });
  const keys = planned.ok ? Object.fromEntries(planned.value.keys) : {};
  const isKept = (key: string): boolean => cacheFolder !== null && isEntryKey(key) && existsSync(entryPath(cacheFolder, key));
  return {
    outputs: Object.fromEntries(types.outputs),
    inputs: Object.fromEntries(types.inputs),
    keys,
    muted: planned.ok ? Object.fromEntries(planned.value.muted) : {},
    cached: Object.keys(keys).filter((id) => isKept(keys[id] ?? '')),
    problems: eachOnce([...readProblems, ...types.problems, ...(planned.ok ? planned.value.problems : [planned.problem])]),
  };
}

/** Every node is asked for here; that some can't be (bypassed, muted, or repeated in a zone) is no news. */
function eachOnce(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((one) => {
    const key = JSON.stringify([one.code, one.message, one.nodeId]);
    const isNews = !seen.has(key) && one.code !== 'graph.commandRefused';
    seen.add(key);
    return isNews;
  });
}
