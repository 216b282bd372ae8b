import type { GraphDocument } from '../../graphs/document.ts';
import type { FactsTable } from '../facts-table.ts';
import type { FilePolicy } from '../file-access.ts';
import type { RunEvent } from '../run-events.ts';

/** Where models compute. */
export type Device = 'auto' | 'cpu' | 'webgpu' | 'cuda';

/** How weights are held: `resident` is fastest, `streaming` takes the least memory. */
export type MemoryMode = 'auto' | 'resident' | 'streaming';

/** What an evaluator is told once, before anything else. */
export interface EvaluatorOptions {
  readonly device: Device;
  readonly memory: MemoryMode;
  /** Folder of the disk cache; null: none. */
  readonly cacheFolder: string | null;
  readonly diskCacheBytes: number;
  readonly memoryCacheBytes: number;
}

/** A raw value that is wanted as a file. */
export interface DumpOrder {
  readonly node: string;
  readonly output: string;
  /** Absolute. */
  readonly path: string;
}

/** One run. */
export interface RunOrder {
  readonly runId: string;
  readonly document: GraphDocument;
  /** Null: every node with effects, or every last one where there are none. */
  readonly targets: readonly string[] | null;
  readonly dumps: readonly DumpOrder[];
  readonly facts: FactsTable;
  readonly policy: FilePolicy;
  /** Absolute; null: this run may not write pictures. */
  readonly outFolder: string | null;
  /** False: neither read nor write what is kept. */
  readonly useCache: boolean;
  /** False: nobody looks at work in progress, so none is made. */
  readonly previews: boolean;
}

/** Messages from the host. */
export type ToEvaluator =
  | { readonly kind: 'configure'; readonly options: EvaluatorOptions }
  | { readonly kind: 'run'; readonly order: RunOrder }
  | { readonly kind: 'cancel'; readonly runId: string }
  /** Finish writing what is kept, then exit. */
  | { readonly kind: 'close' };

/** Messages to the host. */
export type FromEvaluator =
  | { readonly kind: 'ready' }
  /** In the order in which they happened. */
  | { readonly kind: 'events'; readonly runId: string; readonly events: readonly RunEvent[] };
