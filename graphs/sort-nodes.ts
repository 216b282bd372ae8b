import type { IndexedNode, ValueOrigin, Wire } from './index-graph.ts';

/** Nodes in an order in which every node comes after what feeds it, and the wires that make that impossible. */
export interface SortedNodes {
  readonly order: readonly IndexedNode[];
  readonly cycles: readonly Cycle[];
}

/** Nodes that feed each other in a circle. */
export interface Cycle {
  /** The wire that closes the circle; it is passed over, as if it were not there. */
  readonly wire: Wire;
  /** Its target. */
  readonly node: IndexedNode;
  /** The first few nodes of the circle in the direction of flow, beginning with `node`. */
  readonly path: readonly IndexedNode[];
  readonly length: number;
}

const LONGEST_PATH = 12;
const OPEN = 1;
const DONE = 2;

/**
 * Every node that the roots need, sources first: depth first, so that a branch is finished before the next one begins and few
 * values are alive at a time. O(nodes + wires), without recursion: a chain of 100,000 nodes is as good as any. Marks the wires that close
 * a circle; of nodes that are sorted again, what was marked last counts.
 */
export function sortNodes(roots: Iterable<IndexedNode>): SortedNodes {
  const order: IndexedNode[] = [];
  const cycles: Cycle[] = [];
  const state = new Map<IndexedNode, typeof OPEN | typeof DONE>();
  const stack: { readonly node: IndexedNode; next: number }[] = [];
  const depth = new Map<IndexedNode, number>();
  const enter = (node: IndexedNode): void => {
    state.set(node, OPEN);
    depth.set(node, stack.length);
    stack.push({ node, next: 0 });
  };
  for (const root of roots) {
    if (state.has(root)) continue;
    enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const wire = top.node.wires[top.next++];
      if (wire === undefined) {
        state.set(top.node, DONE);
        order.push(top.node);
        depth.delete(top.node);
        stack.pop();
        continue;
      }
      const seen = state.get(wire.source);
      if (seen === undefined) enter(wire.source);
      wire.closesCycle = seen === OPEN;
      if (!wire.closesCycle) continue;
      // From the target down the stack to the wire's source, each node feeds the one below it.
      const from = depth.get(wire.source) ?? 0;
      const length = stack.length - from;
      const path = stack
        .slice(Math.max(from, stack.length - LONGEST_PATH))
        .reverse()
        .map((one) => one.node);
      cycles.push({ wire, node: top.node, path, length });
    }
  }
  return { order, cycles };
}

/**
 * Looks through bypassed nodes: every wire learns which output really feeds it. A bypassed node passes the first of its wired
 * inputs that has an output's kind (and something to give) on to that output; where there is none, the output has nothing to give. `order` is `sortNodes`'.
 */
export function resolveOrigins(order: readonly IndexedNode[]): void {
  for (const entry of order) {
    for (const wire of entry.wires) {
      wire.origin = undefined;
      if (wire.closesCycle) continue;
      wire.origin = wire.source.bypassed ? wire.source.passes?.get(wire.output) : { node: wire.source, output: wire.output };
    }
    if (!entry.bypassed || entry.schema === undefined) continue;
    const passed = new Map<string, ValueOrigin | undefined>();
    for (const [output, { type }] of Object.entries(entry.schema.outputs)) {
      const inputs = Object.entries(entry.schema.inputs).filter(([, spec]) => spec.type === type);
      passed.set(
        output,
        inputs.map(([input]) => entry.byInput.get(input)?.[0]?.origin).find((one) => one !== undefined),
      );
    }
    entry.passes = passed;
  }
}
