import { createStore, type StoreApi } from 'zustand/vanilla';
import type { GraphDocument } from '../../graphs/document.ts';
import type { CallResult, ContractClient } from '../../host/contract.ts';
import type { Problem } from '../../nodes/problem.ts';
import type { SocketType } from '../../nodes/types/socket-type.ts';
import type { DocumentStore } from './document-store.ts';

/** What the host last said about the document's types. */
export interface Inference {
  readonly outputs: CallResult<'graph.infer'>['outputs'];
  readonly inputs: CallResult<'graph.infer'>['inputs'];
  /** By node; equal keys mean equal results. */
  readonly keys: Readonly<Record<string, string>>;
  readonly cached: ReadonlySet<string>;
  /** By node: the muted node because of which it does not run; a muted one names itself. */
  readonly muted: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
  readonly problemsByNode: ReadonlyMap<string, readonly Problem[]>;
}

/** Keeps types and problems in step with the document. */
export interface InferenceStore {
  readonly state: StoreApi<Inference>;
  /** Resolves when what is known is about the document as it is now. */
  settle(): Promise<void>;
  /** Asks about another document without showing it: what would be wrong with this wire? */
  ask(document: GraphDocument): Promise<readonly Problem[]>;
  /** Asks again: files or results may have changed. */
  refresh(): void;
}

const NOTHING: Inference = { outputs: {}, inputs: {}, keys: {}, cached: new Set(), muted: {}, problems: [], problemsByNode: new Map() };

/** Edits within this time are asked about together. */
const PAUSE_MS = 40;
/** A graph that takes long is asked about less often, so that whoever types in it is not held up. */
const PAUSE_FOR_EACH_MS = 6;
const MOST_PAUSE_MS = 500;

/**
 * Asks the host whenever nodes or wires change: never twice at once, and only the latest counts. `documentArg` says which open document
 * the graph is of.
 */
export function createInferenceStore(
  client: ContractClient,
  documents: DocumentStore,
  documentArg: () => { readonly document?: string },
): InferenceStore {
  const state = createStore<Inference>(() => NOTHING);
  let known: GraphDocument | undefined;
  let underWay: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  let pauseMs = PAUSE_MS;

  const update = async (): Promise<void> => {
    const document = documents.document();
    const beganMs = performance.now();
    const answer = await client.call('graph.infer', { graph: withoutLayout(document), ...documentArg() });
    if (answer.ok) state.setState(toInference(answer.value), true);
    known = document;
    pauseMs = Math.min(MOST_PAUSE_MS, Math.max(PAUSE_MS, (performance.now() - beganMs) * PAUSE_FOR_EACH_MS));
  };
  const run = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    underWay ??= update().finally(() => {
      underWay = undefined;
      if (!isKnown(documents.document(), known)) schedule();
    });
    return underWay;
  };
  const schedule = (): void => {
    timer ??= setTimeout(() => void run(), pauseMs);
  };
  documents.state.subscribe(({ edit: { document } }) => {
    if (!isKnown(document, known)) schedule();
  });

  return {
    state,
    async settle() {
      for (let tries = 0; tries < 3 && !isKnown(documents.document(), known); tries++) await run();
    },
    async ask(document) {
      const answer = await client.call('graph.infer', { graph: withoutLayout(document), ...documentArg() });
      return answer.ok ? answer.value.problems : [];
    },
    refresh: () => schedule(),
  };
}

function isKnown(document: GraphDocument, known: GraphDocument | undefined): boolean {
  return known !== undefined && known.nodes === document.nodes && known.edges === document.edges;
}

/** A graph as calls about its types and runs take it: the layout has no influence on them. */
export function withoutLayout({ layout: _, meta: __, ...document }: GraphDocument): string {
  return JSON.stringify(document);
}

function toInference(answer: CallResult<'graph.infer'>): Inference {
  const problemsByNode = new Map<string, Problem[]>();
  for (const problem of answer.problems) {
    if (problem.nodeId === undefined) continue;
    const those = problemsByNode.get(problem.nodeId);
    if (those === undefined) problemsByNode.set(problem.nodeId, [problem]);
    else those.push(problem);
  }
  return { ...answer, cached: new Set(answer.cached), problemsByNode };
}

/** The inferred type of an output, if the host has said it. */
export function outputType(inference: Inference, node: string, output: string): SocketType | undefined {
  return inference.outputs[node]?.[output];
}
