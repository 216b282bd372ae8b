import type { NodeRegistry } from '../nodes/define-node.ts';
import type { SocketKind } from '../nodes/socket-values.ts';
import { describeType } from '../nodes/types/describe.ts';
import { explainMismatch } from '../nodes/types/mismatch.ts';
import type { SocketType } from '../nodes/types/socket-type.ts';
import { type IndexedNode, nameOf } from './index-graph.ts';
import { listNames, socketTitle } from './node-name.ts';
import { ownValue } from './own-value.ts';

/** Says what could be wired into an input. Fed with nodes in sorted order, so it never proposes what comes after the asker. */
export interface SourceAdvice {
  note(entry: IndexedNode, outputs: Readonly<Record<string, SocketType>>): void;
  /** The last sentence of a problem: outputs of this graph that would fit, or kinds of nodes to add. */
  propose(wanted: SocketType, kind: SocketKind): string;
}

interface Candidate {
  readonly entry: IndexedNode;
  readonly output: string;
  readonly type: SocketType;
}

/** How many of the nearest outputs are looked at: advice must stay cheap in a graph with 100,000 mistakes. */
const MOST_TRIED = 24;
const MOST_TOLD = 2;

/** Advice for one walk through a graph. */
export function createSourceAdvice(registry: NodeRegistry): SourceAdvice {
  const byKind = new Map<SocketKind, Candidate[]>();
  const nodesByKind = new Map<SocketKind, string[]>();
  return {
    note(entry, outputs) {
      if (entry.schema === undefined) return;
      for (const [output, { type: kind }] of Object.entries(entry.schema.outputs)) {
        const type = ownValue(outputs, output);
        if (type === undefined) continue;
        const known = byKind.get(kind);
        if (known === undefined) byKind.set(kind, [{ entry, output, type }]);
        else known.push({ entry, output, type });
      }
    },
    propose(wanted, kind) {
      const fitting: string[] = [];
      for (const { entry, output, type } of (byKind.get(kind) ?? []).slice(-MOST_TRIED).reverse()) {
        if (fitting.length === MOST_TOLD) break;
        if (explainMismatch(type, wanted) === undefined)
          fitting.push(`${socketTitle(entry.schema, 'outputs', output)} of ${nameOf(entry)}`);
      }
      if (fitting.length > 0) return `Wire ${fitting.join(' or ')} there.`;
      let titles = nodesByKind.get(kind);
      if (titles === undefined) {
        titles = registry
          .all()
          .filter((one) => Object.values(one.outputs).some((output) => output.type === kind))
          .map((one) => one.title);
        nodesByKind.set(kind, titles);
      }
      const such = titles.length > 0 ? `, such as ${listNames(titles, 3)}` : '';
      return `Add a node that gives ${describeType(wanted)}${such}, and wire it there.`;
    },
  };
}
