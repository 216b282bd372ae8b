import type { NodeRegistry } from '../nodes/define-node.ts';
import type { Problem } from '../nodes/problem.ts';
import type { GraphDocument, NodeId } from './document.ts';
import type { Facts } from './file-facts.ts';

/** One output of one node. */
export interface ValueRef {
  readonly node: NodeId;
  readonly output: string;
}

/** What to plan, and what the world answers. */
export interface PlanRequest {
  readonly document: GraphDocument;
  readonly registry: NodeRegistry;
  /** Nodes whose results are asked for; left out: every node with effects, or every last node where there are none. */
  readonly targets?: readonly string[];
  readonly facts: Facts;
  /** A collision-free hash of a text, as text without spaces. */
  hash(text: string): string;
  /** True when the outputs of this key can be had without running anything. */
  isCached(key: string): boolean;
}

/** One node to be run. */
export interface PlannedStep {
  readonly id: NodeId;
  readonly type: string;
  readonly key: string;
  /** False: run it every time and keep nothing of it (effects, or files of unknown content). */
  readonly cacheable: boolean;
  /** What feeds each wired input, in order; inputs that take one wire have one. */
  readonly inputs: Readonly<Record<string, readonly ValueRef[]>>;
  /** Values of the parameters that are not wired, defaults filled in. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What feeds each wired parameter. */
  readonly wiredParams: Readonly<Record<string, ValueRef>>;
  /** By input: how many list axes of the arriving value the node is run over, as far as types tell. */
  readonly walks: Readonly<Record<string, number>>;
  /** Values that nobody reads after this step, its own unread outputs among them. Outputs of targets are kept. */
  readonly frees: readonly ValueRef[];
  /** For the end of a zone: what is run again and again before it. */
  readonly repeated?: RepeatedSteps;
}

/** The inside of a zone. Its values live for one turn. */
export interface RepeatedSteps {
  readonly start: PlannedStep;
  /** Sources first. */
  readonly body: readonly PlannedStep[];
}

/** What a run will do, known before it starts. Plain data, apart from the maps. */
export interface Plan {
  readonly targets: readonly NodeId[];
  /** In an order in which every step comes after what feeds it. */
  readonly steps: readonly PlannedStep[];
  /** Nodes whose outputs are taken from the cache because a step or a target needs them. */
  readonly cached: readonly { readonly id: NodeId; readonly key: string }[];
  /** Keys of every node that the targets depend on, whether it runs or not. */
  readonly keys: ReadonlyMap<NodeId, string>;
  /** Nodes among these that can't run, and the first reason: their own, or that of a node they depend on (see its nodeId). */
  readonly blocked: ReadonlyMap<NodeId, Problem>;
  /** Nodes among these that are left out because of a muted node, and which; a muted one names itself. */
  readonly muted: ReadonlyMap<NodeId, NodeId>;
  /** Everything found while planning, warnings too. */
  readonly problems: readonly Problem[];
}
