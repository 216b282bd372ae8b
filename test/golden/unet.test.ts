import { afterAll, describe, expect, it } from 'vitest';
import { buildUnet2dCondition } from '../../models/architectures/unet-2d-condition.ts';
import { parseUnet2dConditionConfig, type Unet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import type { BuildOptions } from '../../models/onnx/build-options.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import { unwrap } from '../unwrap.ts';
import { openCaseCheckpoint, type PipelineCase, readPipelineCases, readStages, type Stage, toleranceOf } from './pipeline-cases.ts';
import { differenceOf, type Feed, OpenGraphs } from './run-graph.ts';

const graphs = new OpenGraphs();
afterAll(() => graphs.release());

function joinRows(...parts: readonly Stage[]): Stage {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to join');
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { data, shape: [parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0), ...first.shape.slice(1)] };
}

/** get_guidance_scale_embedding of diffusers' LCM pipeline: float32 [1, width]. */
function guidanceEmbedding(guidance: number, width: number): Stage {
  const half = width >> 1;
  const data = new Float32Array(width);
  for (let index = 0; index < half; index++) {
    const angle = (guidance - 1) * 1000 * Math.exp((-Math.log(10000) / (half - 1)) * index);
    data[index] = Math.sin(angle);
    data[half + index] = Math.cos(angle);
  }
  return { data, shape: [1, width] };
}

function feedsOf(one: PipelineCase, stage: (name: string) => Stage, config: Unet2dConditionConfig): Record<string, Feed> {
  const sample = stage('unet_in.0');
  const rows = sample.shape[0] ?? 0;
  const isGuided = rows > (stage('prompt_embeds').shape[0] ?? 0);
  const both = (name: string): Stage => (isGuided ? joinRows(stage(`negative_${name}`), stage(name)) : stage(name));
  const feeds: Record<string, Feed> = {
    sample,
    timestep: { data: Float32Array.of(one.timesteps[one.timesteps.length - one.unet_calls] ?? Number.NaN), shape: [1] },
    encoder_hidden_states: both('prompt_embeds'),
  };
  if (config.addition?.kind === 'text_time') {
    const size = [one.height, one.width];
    const ids = [...(one.original_size ?? size), ...(one.crops_coords_top_left ?? [0, 0]), ...(one.target_size ?? size)];
    feeds['text_embeds'] = both('pooled_prompt_embeds');
    feeds['time_ids'] = {
      data: Float32Array.from({ length: rows * ids.length }, (_, at) => ids[at % ids.length] ?? 0),
      shape: [rows, ids.length],
    };
  }
  if (config.timeConditionWidth !== undefined) feeds['timestep_cond'] = guidanceEmbedding(one.guidance, config.timeConditionWidth);
  return feeds;
}

async function expectFirstCall(one: PipelineCase, mode: LoadingMode, options: BuildOptions): Promise<void> {
  const { unet } = await openCaseCheckpoint(one);
  const config = unwrap(parseUnet2dConditionConfig(unet.config));
  const stage = readStages(one);
  const feeds = feedsOf(one, stage, config);
  const [, , height = 0, width = 0] = stage('unet_in.0').shape;
  const build = () => unwrap(buildUnet2dCondition(config, unet.weights, { height, width }, options));
  const { out_sample } = await graphs.run(`${one.pipeline} ${width}x${height} ${options.attention}`, build, feeds, mode);
  expect(differenceOf(out_sample, stage('unet_out.0').data)).toBeLessThanOrEqual(toleranceOf(one, 'unet_out.0'));
}

describe('U-Nets', () => {
  // LoRA changes the weights, a ControlNet adds to what is between the blocks.
  const cases = readPipelineCases().filter((one) => one.loras === undefined && one.controlnet === undefined);

  it.each(cases)("give what diffusers' first call gives: $id, $width×$height", async (one) => {
    await expectFirstCall(one, 'streaming', { device: 'cpu' });
  });

  const first = cases.filter((one, index) => cases.findIndex(({ pipeline }) => pipeline === one.pipeline) === index);
  it.each(first)('give the same with resident weights: $pipeline', async (one) => {
    await expectFirstCall(one, 'resident', { device: 'cpu' });
  });

  it.each(first)('give the same without fused attention: $pipeline', async (one) => {
    await expectFirstCall(one, 'streaming', { device: 'cpu', attention: 'plain' });
  });
});
