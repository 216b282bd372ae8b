import { createStore, type StoreApi } from 'zustand/vanilla';
import type { GraphDocument } from '../../graphs/document.ts';
import type { CallResult, ContractClient } from '../../host/contract.ts';
import type { Problem } from '../../nodes/problem.ts';
import type { SocketType } from '../../nodes/types/socket-type.ts';
import type { DocumentStore } from './document-store.ts';
import { type Inference, mergeInference, NOTHING_INFERRED } from './merge-inference.ts';
import { createNodeWatch, type NodeWatch } from './node-watch.ts';
import { nodesTouchedByAnswer } from './touched-nodes.ts';

/** Keeps types and problems in step with the document. */
export interface InferenceStore {
  readonly state: StoreApi<Inference>;
  /** Wakes those who look at what is inferred of one node. */
  readonly nodes: NodeWatch;
  /** Resolves when what is known is about the document as it is now. */
  settle(): Promise<void>;
  /** Asks about another document without showing it: what would be wrong with this wire? */
  ask(document: GraphDocument): Promise<readonly Problem[]>;
  /** Asks again: files or results may have changed. */
  refresh(): void;
  /** How questions speak of the document: by its name where the host has it too, else all of it is sent. */
  subject(): Subject;
}

/** What a question to the host is about. */
export interface Subject {
  readonly graph?: string;
  readonly document?: string;
}

/** The open document, which the host has too. */
export interface SharedDocument {
  /** The host's name for it. */
  readonly id: string;
  /** What the host is known to have of it, up to which entry; undefined: the window shows what the host does not get soon. */
  shared(): { readonly document: GraphDocument; readonly sequence: number } | undefined;
  /** Resolves when there is nothing left to send, or it can't be sent. */
  settle(): Promise<unknown>;
}

/** Edits within this time are asked about together. */
const PAUSE_MS = 40;
/** A graph that takes long is asked about less often, so that whoever types in it is not held up. */
const PAUSE_FOR_EACH_MS = 6;
const MOST_PAUSE_MS = 500;

/** Asks the host whenever nodes or wires change: never twice at once, and only the latest counts. */
export function createInferenceStore(
  client: ContractClient,
  documents: DocumentStore,
  findShared: () => SharedDocument | undefined,
): InferenceStore {
  const state = createStore<Inference>(() => NOTHING_INFERRED);
  const nodes = createNodeWatch();
  let known: GraphDocument | undefined;
  let underWay: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  let pauseMs = PAUSE_MS;
  /** The host's name for what `state` holds. */
  let answer: string | null = null;

  const take = (changes: CallResult<'graph.inferChanges'>): void => {
    const { since } = changes;
    // The host begins anew where it does not know the answer that is held here: after it was restarted, for one.
    if (since === answer || since === null) {
      state.setState(mergeInference(since === null ? NOTHING_INFERRED : state.getState(), changes), true);
      answer = changes.answer;
      nodes.wake(nodesTouchedByAnswer(changes));
    } else answer = null;
  };
  const byText = (document: GraphDocument): Subject => {
    const open = findShared();
    return { graph: withoutLayout(document), ...(open === undefined ? {} : { document: open.id }) };
  };
  /** False: the host has not got the document. */
  const updateByName = async (open: SharedDocument): Promise<boolean> => {
    const changes = await client.call('graph.inferChanges', { document: open.id, since: answer });
    if (!changes.ok) return false;
    take(changes.value);
    const shared = open.shared();
    // Where the host was at another entry than this window is by now, it is asked again.
    known = shared?.sequence === changes.value.sequence ? shared.document : undefined;
    return true;
  };
  const update = async (): Promise<void> => {
    const beganMs = performance.now();
    const document = documents.document();
    const open = findShared();
    if (open?.shared() === undefined || !(await updateByName(open))) {
      const changes = await client.call('graph.inferChanges', { ...byText(document), since: answer });
      if (changes.ok) take(changes.value);
      known = document;
    }
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
    nodes,
    async settle() {
      for (let tries = 0; tries < 3 && !isKnown(documents.document(), known); tries++) {
        await findShared()?.settle();
        await run();
      }
    },
    async ask(document) {
      const { graph = '', ...more } = byText(document);
      const asked = await client.call('graph.infer', { graph, ...more });
      return asked.ok ? asked.value.problems : [];
    },
    refresh: () => schedule(),
    subject() {
      const open = findShared();
      return open?.shared() === undefined ? byText(documents.document()) : { document: open.id };
    },
  };
}

function isKnown(document: GraphDocument, known: GraphDocument | undefined): boolean {
  return known !== undefined && known.nodes === document.nodes && known.edges === document.edges;
}

/** A graph as calls about its types and prompts take it: the layout has no influence on them. */
function withoutLayout(document: GraphDocument): string {
  const { layout: _, meta: __, ...rest } = document;
  return JSON.stringify(rest);
}

/** The inferred type of an output, if the host has said it. */
export function outputType(inference: Inference, node: string, output: string): SocketType | undefined {
  return inference.outputs[node]?.[output];
}
