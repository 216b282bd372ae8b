import { fixturesRoot, readJsonLines } from '../fixtures-reader.ts';
import type { CaseAddOns } from './case-add-ons.ts';
import type { CaseControl } from './case-control.ts';

/** One line of the fixtures' cases.jsonl (their README, "a case"), as far as it is used here. */
export interface PipelineCase extends CaseAddOns {
  readonly id: string;
  readonly pipeline: string;
  readonly config?: string;
  readonly task: 'txt2img' | 'img2img' | 'inpaint';
  readonly prompt: string;
  readonly negative: string | null;
  readonly seed: string | readonly string[];
  readonly steps: number;
  readonly guidance: number;
  readonly scheduler: { readonly class: string; readonly resolved: Readonly<Record<string, unknown>> };
  readonly width: number;
  readonly height: number;
  readonly batch?: number;
  readonly eta?: number;
  readonly clip_skip?: number;
  readonly guidance_rescale?: number;
  readonly strength?: number;
  readonly image?: string;
  readonly mask?: string;
  /** SDXL: the second encoder's texts, and sizes as [height, width] and [top, left]. */
  readonly prompt_2?: string;
  readonly negative_2?: string;
  readonly original_size?: readonly [number, number];
  readonly crops_coords_top_left?: readonly [number, number];
  readonly target_size?: readonly [number, number];
  readonly controlnet?: CaseControl;
  readonly unet_calls: number;
  readonly timesteps: readonly number[];
  /** By stage: how far float64 is from float32. */
  readonly float64_difference: Readonly<Record<string, number>>;
}

/** Every recorded case: of the complete fixtures, or of the few in the clone. */
export function readPipelineCases(): PipelineCase[] {
  return readJsonLines<PipelineCase>(`${fixturesRoot()}cases.jsonl`);
}

/** The fixtures' tolerances, relative to max(1, largest expected value), by stage. */
export const STAGE_TOLERANCES = {
  prompt_embeds: 5e-5,
  negative_prompt_embeds: 5e-5,
  'control.down0': 1e-4,
  'control.mid': 1e-4,
  'latents.init': 1e-4,
  'unet_in.0': 1e-4,
  'unet_out.0': 1e-4,
  'latents.1': 1e-4,
  'latents.2': 1e-4,
  'latents.final': 5e-4,
  image: 5e-4,
} as const;

/** What passes for the same at a stage of a case: the tolerance, or twenty times what float32 itself costs there. */
export function allowedDifference(
  { float64_difference }: Pick<PipelineCase, 'float64_difference'>,
  stage: keyof typeof STAGE_TOLERANCES,
): number {
  return Math.max(STAGE_TOLERANCES[stage], 20 * (float64_difference[stage] ?? 0));
}
