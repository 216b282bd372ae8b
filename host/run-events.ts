import type { Problem } from '../nodes/problem.ts';

/** An encoded picture small enough to travel inside an event. */
export interface EncodedPicture {
  readonly mime: 'image/png' | 'image/webp' | 'image/jpeg';
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bytes: Uint8Array;
}

/** Where one node of a run stands. */
export type NodeRunState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly durationMs: number; readonly cached: boolean }
  | { readonly kind: 'failed'; readonly problem: Problem }
  /** It did not run because the node `because` can't, has failed or is muted; a muted one names itself. */
  | { readonly kind: 'skipped'; readonly because: string; readonly reason: 'failed' | 'muted' }
  | { readonly kind: 'cancelled' };

/** Something a run leaves behind. */
export type NodeRunResult =
  | { readonly kind: 'file'; readonly path: string; readonly widthPx: number; readonly heightPx: number }
  | { readonly kind: 'pictures'; readonly pictures: readonly EncodedPicture[] }
  | { readonly kind: 'dump'; readonly path: string; readonly output: string };

/** How a run ended. `failed`: something went wrong, though other branches may be finished. */
export type RunOutcome = 'done' | 'failed' | 'cancelled';

/** What a run says while it goes on. `ended` is always the last, and always comes. */
export type RunEvent =
  | { readonly kind: 'state'; readonly nodeId: string; readonly title: string; readonly state: NodeRunState }
  | { readonly kind: 'progress'; readonly nodeId: string; readonly done: number; readonly total: number; readonly etaMs: number | null }
  | { readonly kind: 'preview'; readonly nodeId: string; readonly picture: EncodedPicture }
  | { readonly kind: 'result'; readonly nodeId: string; readonly result: NodeRunResult }
  /** A warning, or an error that a state does not carry. */
  | { readonly kind: 'problem'; readonly problem: Problem }
  /** A plain sentence worth knowing: which device was chosen, and why. */
  | { readonly kind: 'note'; readonly message: string }
  | RunEnded;

/** The last event of a run. */
export interface RunEnded {
  readonly kind: 'ended';
  readonly outcome: RunOutcome;
  /** Every error of the run, each once. */
  readonly problems: readonly Problem[];
  readonly durationMs: number;
  /** Of that, time inside model sessions. */
  readonly modelMs: number;
}
