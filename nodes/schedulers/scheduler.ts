import type { BrownianRange } from './brownian-noise.ts';

/** What a network's output means. */
export type PredictionType = 'epsilon' | 'v_prediction' | 'sample' | 'flow_prediction';

/** A resolved configuration under diffusers' names, `_class_name` included; plain JSON (infinities are strings). */
export type SchedulerConfig = Readonly<Record<string, unknown>> & { readonly _class_name: string };

/** Gives `count` fresh values of N(0, 1), float32; called once a draw, in the order diffusers draws. */
export type DrawNoise = (count: number) => Float32Array;

/** What a pipeline may ask of a single step beyond the config; each class reads only what it knows. */
export interface StepOptions {
  /** DDIM: 0 (default) is deterministic, 1 is DDPM. TCD: 0.3 by default. */
  readonly eta?: number;
  /** Euler, EDM Euler, flow-match Heun: how much noise a step adds back (Karras et al. 2022, algorithm 2); 0 by default. */
  readonly sChurn?: number;
  readonly sTmin?: number;
  readonly sTmax?: number;
  /** A factor on the noise that a step adds, 1 by default. */
  readonly sNoise?: number;
  /** UnCLIP: the step goes to the schedule's next timestep, as diffusers' pipelines tell its scheduler. */
  readonly toNextTimestep?: boolean;
  /**
   * DPM-Solver SDE, Cosine DPM-Solver: the increment of a Brownian motion between two noise levels, over the root of their
   * distance. Made out of `draw` if absent.
   */
  readonly brownian?: (from: number, to: number, count: number) => Float32Array;
}

/** What one step gives; both float32 with the sample's length and layout. */
export interface StepResult {
  /** The sample for the next timestep. */
  readonly sample: Float32Array;
  /** The clean sample as the network sees it now, for previews. */
  readonly predictedOriginal: Float32Array;
}

/** What a solver remembers between calls; opaque to callers, who may store it and hand it back. */
export interface SchedulerSnapshot {
  /** Calls of `step` so far. */
  readonly calls: number;
  /** Earlier outputs in the form the algorithm works on, newest last. */
  readonly outputs: readonly Float32Array[];
  /** The sample at the start of a step that takes several calls, or the one before the last prediction. */
  readonly sample: Float32Array | null;
  /** A sum that a step of several calls is still adding to. */
  readonly partial: Float32Array | null;
}

/**
 * A sampling algorithm set up for a number of steps: pure numbers in, numbers out. Samples are float32 of any layout whose
 * first axis is the batch. Arguments are never written to and may be kept: treat arrays as immutable.
 */
export interface Scheduler {
  /** diffusers' name of the class. */
  readonly className: string;
  readonly config: SchedulerConfig;
  /** As given to the network, one a call, falling (rising in DDIM inverse); some classes have fractional ones. */
  readonly timesteps: readonly number[];
  /** Noise levels, one more than calls, for classes that work on them. */
  readonly sigmas?: readonly number[];
  /** The standard deviation that the first sample must have: N(0, 1) noise times this. */
  readonly initNoiseSigma: number;
  /** Entries of `timesteps` a step, for image-to-image's start (Heun and KDPM2: 2). */
  readonly order: number;
  readonly predictionType: PredictionType;
  /** Where noise should come from `StepOptions.brownian`; without it, `draw` is used, and the picture is another one. */
  readonly brownian?: BrownianRange;
  /** The sample as the network wants it at `timesteps[index]`. */
  scaleModelInput(sample: Float32Array, index: number): Float32Array;
  /** One call after the network's: indices must follow one another. */
  step(modelOutput: Float32Array, index: number, sample: Float32Array, draw: DrawNoise, options?: StepOptions): StepResult;
  /** A clean sample noised to `timesteps[index]`, as image-to-image and inpainting do. */
  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array;
  /** What the solver remembers, for resuming in mid-sampling. */
  snapshot(): SchedulerSnapshot;
  /** Continues from a snapshot of a scheduler with the same config and steps. */
  restore(snapshot: SchedulerSnapshot): void;
}
