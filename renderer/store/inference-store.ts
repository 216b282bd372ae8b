import { createStore, type StoreApi } from 'zustand/vanilla';
import type { GraphDocument } from '../../graphs/document.ts';
import type { ContractClient } from '../../host/contract.ts';
import type { Problem } from '../../nodes/problem.ts';
import type { SocketType } from '../../nodes/types/socket-type.ts';
import type { DocumentStore } from './document-store.ts';
import { type Inference, mergeInference, NOTHING_INFERRED } from './merge-inference.ts';

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
  const state = createStore<Inference>(() => NOTHING_INFERRED);
  let known: GraphDocument | undefined;
  let underWay: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  let pauseMs = PAUSE_MS;
  /** The host's name for what `state` holds. */
  let answer: string | null = null;

  const update = async (): Promise<void> => {
    const document = documents.document();
    const beganMs = performance.now();
    const changes = await client.call('graph.inferChanges', { graph: withoutLayout(document), ...documentArg(), since: answer });
    if (changes.ok) {
      const { since } = changes.value;
      // The host begins anew where it does not know the answer that is held here: after it was restarted, for one.
      if (since === answer || since === null) {
        state.setState(mergeInference(since === null ? NOTHING_INFERRED : state.getState(), changes.value), true);
        answer = changes.value.answer;
      } else answer = null;
    }
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
      const asked = await client.call('graph.infer', { graph: withoutLayout(document), ...documentArg() });
      return asked.ok ? asked.value.problems : [];
    },
    refresh: () => schedule(),
  };
}

function isKnown(document: GraphDocument, known: GraphDocument | undefined): boolean {
  return known !== undefined && known.nodes === document.nodes && known.edges === document.edges;
}

/** A graph as calls about its types and runs take it: the layout has no influence on them. */
export function withoutLayout(document: GraphDocument): string {
  if (lastText?.of !== document) {
    const { layout: _, meta: __, ...rest } = document;
    lastText = { of: document, text: JSON.stringify(rest) };
  }
  return lastText.text;
}

/** A document never changes, and every prompt in view asks with the same one. */
let lastText: { readonly of: GraphDocument; readonly text: string } | undefined;

/** The inferred type of an output, if the host has said it. */
export function outputType(inference: Inference, node: string, output: string): SocketType | undefined {
  return inference.outputs[node]?.[output];
}
