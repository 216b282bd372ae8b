import type { EvaluateContext, ModelRuntime, PictureFiles, RunResult } from '../../nodes/context.ts';
import { fail, ok, type Problem } from '../../nodes/problem.ts';
import { sizeAt, type Tensor } from '../../nodes/tensor.ts';
import type { EncodedPicture, RunEvent } from '../run-events.ts';
import { encodePreview } from './encode-preview.ts';
import { toPixelBytes } from './picture-bytes.ts';
import { encodePicture } from './picture-files.ts';
import { isWorthALastWord, type PreviewLimit, type RateLimit } from './rate-limits.ts';
import type { RunSignal } from './run-signal.ts';

/** What the contexts of all nodes of a run share. */
export interface RunContext {
  readonly signal: RunSignal;
  readonly models: ModelRuntime;
  readonly pictures: PictureFiles;
  readonly progressLimit: RateLimit;
  /** Undefined: nobody looks at work in progress. */
  readonly previewLimit: PreviewLimit | undefined;
  emit(event: RunEvent): void;
  /** Milliseconds from anywhere, never going back. */
  now(): number;
}

/** A node's context for all items it is evaluated for. */
export interface NodeContext {
  /** `savedState`: where this item was when it was last cancelled. */
  forItem(item: number, savedState?: unknown): EvaluateContext;
  /** Where the item that is being worked on is now; undefined: it cannot be continued. */
  unfinishedState(): { readonly item: number; readonly state: unknown } | undefined;
  /**
   * Resolves when every result is on its way; rejects when one could not be encoded. Nothing is sent after it. `isDone`: the node
   * finished its work, so the last it showed is worth seeing.
   */
  settle(isDone: boolean): Promise<void>;
}

/**
 * Turns what a node reports into events: not more than 30 previews and 10 words of progress a second, with the time that is left, over
 * all `items`. Of what comes too fast the last is sent when the node is finished.
 */
export function createNodeContext(run: RunContext, nodeId: string, items: number): NodeContext {
  const beganMs = run.now();
  let first: { readonly done: number; readonly atMs: number } | undefined;
  let sending: Promise<void> = Promise.resolve();
  let unsentProgress: RunEvent | undefined;
  let unsentPreview: (() => void) | undefined;
  let isSettled = false;
  let unfinished: { readonly item: number; make(): unknown } | undefined;

  const report = (done: number, total: number): void => {
    const atMs = run.now();
    // The first step may include opening a model, which the others do not.
    const since = first ?? { done: 0, atMs: beganMs };
    first ??= { done, atMs };
    const stepMs = done > since.done ? (atMs - since.atMs) / (done - since.done) : undefined;
    const etaMs = stepMs === undefined ? null : Math.max(0, stepMs * (total - done));
    const event: RunEvent = { kind: 'progress', nodeId, done, total, etaMs };
    const isAdmitted = run.progressLimit.admit();
    unsentProgress = isAdmitted ? undefined : event;
    if (isAdmitted) run.emit(event);
  };

  const send = async (result: RunResult): Promise<void> => {
    if (result.kind === 'file') run.emit({ kind: 'result', nodeId, result });
    else run.emit({ kind: 'result', nodeId, result: { kind: 'pictures', pictures: await encodeBatch(result.image) } });
  };

  return {
    unfinishedState: () => unfinished && { item: unfinished.item, state: unfinished.make() },
    forItem: (item, savedState) => ({
      savedState,
      saveState(make) {
        unfinished = { item, make };
      },
      nodeId,
      signal: run.signal,
      models: run.models,
      pictures: run.pictures,
      progress(done, total) {
        if (!isSettled) report(item * total + done, items * total);
      },
      preview(make) {
        if (run.previewLimit === undefined || isSettled) return;
        const show = (): void => run.emit({ kind: 'preview', nodeId, picture: encodePreview(make().image) });
        unsentPreview = run.previewLimit.offer(show) ? undefined : show;
      },
      async previewDecoded(make, isLast) {
        if (run.previewLimit === undefined || isSettled) return ok(undefined);
        let trouble: Problem | undefined;
        const show = async (): Promise<void> => {
          const made = await make();
          if (made.ok) run.emit({ kind: 'preview', nodeId, picture: encodePreview(made.value.image) });
          else trouble = made.problem;
        };
        await run.previewLimit.offerDecoded(show, isLast);
        return trouble === undefined ? ok(undefined) : fail(trouble);
      },
      result(result) {
        if (!isSettled) sending = sending.then(() => send(result));
      },
    }),
    async settle(isDone) {
      isSettled = true;
      if (isDone && unsentProgress !== undefined && isWorthALastWord(run.now() - beganMs)) run.emit(unsentProgress);
      if (isDone && unsentPreview !== undefined) run.previewLimit?.offerLast(unsentPreview);
      unsentProgress = undefined;
      unsentPreview = undefined;
      await sending;
    },
  };
}

/** Every picture of a batch as PNG, in full size: what a node shows must not have been changed on the way. */
async function encodeBatch(image: Tensor): Promise<EncodedPicture[]> {
  const pictures: EncodedPicture[] = [];
  for (let index = 0; index < sizeAt(image, 0); index++) {
    const pixels = toPixelBytes(image, index);
    const bytes = await encodePicture(pixels, 'png');
    pictures.push({ mime: 'image/png', widthPx: pixels.widthPx, heightPx: pixels.heightPx, bytes });
  }
  return pictures;
}
