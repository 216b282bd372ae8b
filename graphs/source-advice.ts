import type { NodeRegistry } from '../nodes/define-node.ts';
import type { Problem } from '../nodes/problem.ts';
import type { SocketKind } from '../nodes/socket-values.ts';
import { describeType } from '../nodes/types/describe.ts';
import { explainMismatch } from '../nodes/types/mismatch.ts';
import type { SocketType } from '../nodes/types/socket-type.ts';
import { appendTo } from './append-to.ts';
import type { NodeId } from './document.ts';
import { type IndexedNode, nameOf } from './index-graph.ts';
import { listNames, socketTitle } from './node-name.ts';
import { ownValue } from './own-value.ts';

/** What an input wants. */
export interface WantedSource {
  readonly entry: IndexedNode;
  readonly type: SocketType;
  readonly kind: SocketKind;
}

/** Ends problems with what could be wired into an input, once the whole graph is known. */
export interface SourceAdvice {
  /** Has `finish` add a last sentence to this problem. Returns it. */
  promise(problem: Problem, wanted: WantedSource): Problem;
  readonly isAsked: boolean;
  /** The problems with what was promised: outputs of this graph that would fit, or kinds of nodes to add. */
  finish(problems: readonly Problem[], graph: KnownGraph): Problem[];
}

/** A graph whose types are known. */
export interface KnownGraph {
  /** The nodes that were walked, in sorted order. */
  readonly order: readonly IndexedNode[];
  /** All others. */
  readonly bystanders: readonly IndexedNode[];
  readonly outputs: ReadonlyMap<NodeId, Readonly<Record<string, SocketType>>>;
}

interface Candidate {
  readonly entry: IndexedNode;
  readonly output: string;
  readonly type: SocketType;
}

/** How many outputs are looked at for one input: advice must stay cheap in a graph with 100,000 mistakes. */
const MOST_TRIED = 24;
const MOST_TOLD = 2;
/** How many nodes all looks for circles may visit together. */
const MOST_VISITED = 100_000;

/** Advice for one walk through a graph: first what nothing is wired to yet, then the nearest before the asker; never what depends on it. */
export function createSourceAdvice(registry: NodeRegistry): SourceAdvice {
  const promised = new Map<Problem, WantedSource>();
  return {
    promise(problem, wanted) {
      promised.set(problem, wanted);
      return problem;
    },
    get isAsked() {
      return promised.size > 0;
    },
    finish(problems, graph) {
      const propose = createProposals(registry, findSources(graph));
      return problems.map((problem) => {
        const wanted = promised.get(problem);
        return wanted === undefined ? problem : { ...problem, message: `${problem.message} ${propose(wanted)}` };
      });
    },
  };
}

/** Says what to wire to an input, as a sentence. */
function createProposals(registry: NodeRegistry, sources: Sources): (wanted: WantedSource) => string {
  const nodesByKind = new Map<SocketKind, string[]>();
  let visitsLeft = MOST_VISITED;
  const placeOf = (entry: IndexedNode): number => sources.places.get(entry) ?? Number.POSITIVE_INFINITY;
  /** What comes before the asker, which cannot depend on it, nearest first; then what comes after. */
  const nearest = (candidates: readonly Candidate[], asker: IndexedNode): { readonly before: Candidate[]; readonly after: Candidate[] } => {
    const at = countBefore(candidates, ({ entry }) => placeOf(entry) < placeOf(asker));
    return { before: candidates.slice(Math.max(0, at - MOST_TRIED), at).reverse(), after: candidates.slice(at, at + MOST_TRIED) };
  };
  const dependsOn = (entry: IndexedNode, asker: IndexedNode): boolean => {
    const seen = new Set([entry]);
    for (const one of seen) {
      if (one.id === asker.id || --visitsLeft < 0) return true;
      for (const { source } of one.wires) seen.add(source);
    }
    return false;
  };
  const nodesGiving = (kind: SocketKind): string[] => {
    const known = nodesByKind.get(kind);
    if (known !== undefined) return known;
    const giving = registry.all().filter(({ outputs }) => Object.values(outputs).some(({ type }) => type === kind));
    const titles = giving.map(({ title }) => title);
    nodesByKind.set(kind, titles);
    return titles;
  };
  return ({ entry, type, kind }) => {
    const fits = (one: Candidate): boolean => explainMismatch(one.type, type) === undefined;
    const unread = nearest(sources.unread.get(kind) ?? [], entry);
    const free = [...unread.before.filter(fits), ...unread.after.filter((one) => fits(one) && !dependsOn(one.entry, entry))];
    const fitting = free.length > 0 ? free : nearest(sources.all.get(kind) ?? [], entry).before.filter(fits);
    if (fitting.length > 0) {
      const names = fitting
        .slice(0, MOST_TOLD)
        .map((one) => `${socketTitle(one.entry.schema, 'outputs', one.output)} of ${nameOf(one.entry)}`);
      return `Wire ${names.join(' or ')} there.`;
    }
    const titles = nodesGiving(kind);
    const such = titles.length > 0 ? `, such as ${listNames(titles, 3)}` : '';
    return `Add a node that gives ${describeType(type)}${such}, and wire it there.`;
  };
}

/** What could be wired somewhere. */
interface Sources {
  /** Outputs by kind, and those of them that nothing is wired to. */
  readonly all: ReadonlyMap<SocketKind, readonly Candidate[]>;
  readonly unread: ReadonlyMap<SocketKind, readonly Candidate[]>;
  /** Where nodes stand in sorted order; nothing for bystanders. */
  readonly places: ReadonlyMap<IndexedNode, number>;
}

function findSources({ order, bystanders, outputs: known }: KnownGraph): Sources {
  const [all, unread] = [new Map<SocketKind, Candidate[]>(), new Map<SocketKind, Candidate[]>()];
  const places = new Map(order.map((entry, place) => [entry, place]));
  const read = new Set<string>();
  const everything = [...order, ...bystanders];
  for (const { wires } of everything) for (const { source, output } of wires) read.add(outputKey(source, output));
  for (const entry of everything) {
    const outputs = known.get(entry.id);
    if (entry.schema === undefined || entry.bypassed || outputs === undefined) continue;
    for (const [output, { type: kind }] of Object.entries(entry.schema.outputs)) {
      const type = ownValue(outputs, output);
      if (type === undefined) continue;
      appendTo(all, kind, { entry, output, type });
      if (!read.has(outputKey(entry, output))) appendTo(unread, kind, { entry, output, type });
    }
  }
  return { all, unread, places };
}

/** How many at the beginning of a list are so, where none after the first that is not is. */
function countBefore<T>(list: readonly T[], isSo: (one: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function outputKey(entry: IndexedNode, output: string): string {
  return `${entry.id}\0${output}`;
}
