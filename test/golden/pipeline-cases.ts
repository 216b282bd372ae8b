import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../models/checkpoint/open-checkpoint.ts';
import { type FixtureTensor, fixturesRoot, float32Of, readJsonLines, readSafetensorsFile } from '../fixtures-reader.ts';
import { unwrap } from '../unwrap.ts';

/** A pipeline run that diffusers recorded; what the fields mean is in the fixtures' README. */
export interface PipelineCase {
  readonly id: string;
  readonly pipeline: string;
  readonly config?: string;
  readonly family: string;
  readonly task: 'txt2img' | 'img2img' | 'inpaint';
  readonly prompt: string;
  readonly negative: string | null;
  readonly prompt_2?: string;
  readonly negative_2?: string;
  readonly guidance: number;
  readonly width: number;
  readonly height: number;
  readonly batch?: number;
  readonly clip_skip?: number;
  readonly image?: string;
  readonly mask?: string;
  readonly loras?: readonly unknown[];
  readonly embeddings?: readonly unknown[];
  readonly controlnet?: unknown;
  readonly original_size?: readonly number[];
  readonly crops_coords_top_left?: readonly number[];
  readonly target_size?: readonly number[];
  readonly timesteps: readonly number[];
  readonly unet_calls: number;
  readonly expected: string;
  readonly float64_difference: Readonly<Record<string, number>>;
}

/** A stage's values as diffusers gave them. */
export interface Stage {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What passes for the same, relative to max(1, largest value), by the first part of a stage's name. */
const LIMITS: Readonly<Record<string, number>> = {
  prompt_embeds: 5e-5,
  negative_prompt_embeds: 5e-5,
  pooled_prompt_embeds: 5e-5,
  negative_pooled_prompt_embeds: 5e-5,
  vae_mean: 1e-4,
  vae_std: 1e-4,
  unet_out: 1e-4,
  image: 5e-4,
};

/** Every recorded pipeline case that the fixtures here hold. */
export function readPipelineCases(): PipelineCase[] {
  return readJsonLines<PipelineCase>(`${fixturesRoot()}cases.jsonl`);
}

const checkpoints = new Map<string, Checkpoint>();

/** Opens the checkpoint that a case ran with, once for all cases. */
export async function openCaseCheckpoint({ pipeline, config }: PipelineCase): Promise<Checkpoint> {
  const root = fixturesRoot();
  const known = checkpoints.get(pipeline);
  const found = known ?? unwrap(await openCheckpoint(`${root}${pipeline}`, config === undefined ? {} : { config: `${root}${config}` }));
  checkpoints.set(pipeline, found);
  return found;
}

/** The stages of a case by name. */
export function readStages({ expected }: PipelineCase): (name: string) => Stage {
  const tensors: Map<string, FixtureTensor> = readSafetensorsFile(`${fixturesRoot()}${expected}`);
  return (name) => ({ data: float32Of(tensors, name), shape: tensors.get(name)?.shape ?? [] });
}

/** How far a stage may be from diffusers' numbers: the README's limit, or twenty times float32's own error where that is more. */
export function toleranceOf({ float64_difference }: PipelineCase, stage: string): number {
  const limit = LIMITS[stage.replace(/\.\d+$/, '')];
  if (limit === undefined) throw new Error(`no tolerance is known for ${stage}`);
  return Math.max(limit, 20 * (float64_difference[stage] ?? 0));
}
