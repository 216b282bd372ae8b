import type { AttentionInjection, AttentionMaps, AttentionUse } from '../../context.ts';
import type { StepPlace } from '../apply-controls.ts';

/** What looks at the attention of a denoiser in every step of a loop, or changes it. Only rows with the text are its business. */
export interface AttentionGuide {
  /** What the denoiser is opened for. */
  readonly use: AttentionUse;
  /** What rows take over in a step; undefined: nothing. */
  injectionAt(place: StepPlace): AttentionInjection | undefined;
  /** Told what the rows looked at in a step. */
  take(maps: AttentionMaps, place: StepPlace): void;
  /** The latents after a step, float32 of the latent's shape; the given ones where nothing is to be changed. */
  blend(latents: Float32Array, place: StepPlace): Float32Array;
  /** What it knows from the steps so far, as plain data. */
  snapshot(): readonly Float32Array[];
  /** Goes on from a snapshot of the same loop. */
  restore(arrays: readonly Float32Array[]): void;
}
