import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { JsonObject } from '../read-json.ts';
import type { TensorMap } from './tensor-map.ts';

/** No network in use numbers that many modules in a row. */
const MAX_MODULES = 1000;

/** What is told of a U-Net's way down and its middle. */
export interface DownPath {
  readonly levels: readonly {
    readonly layers: number;
    /** Transformer layers in each attention; undefined where the level has none. */
    readonly depth: number | undefined;
  }[];
  /** Transformer layers of the middle block; 0 where it has no attention. */
  readonly middleDepth: number;
  /** The config's keys that describe it. */
  readonly config: JsonObject;
}

/**
 * Tells the way down of a U-Net or ControlNet from its tensors' names and shapes. What no shape shows follows the family's rule: with
 * linear projections (SD 2, SDXL) heads are 64 wide, without (SD 1) there are always 8.
 */
export function inferDownPath(tensors: TensorMap): Result<DownPath> {
  const shape = shapesOf(tensors);
  const levelCount = countIndices(tensors, 'down_blocks.');
  const channels: number[] = [];
  const levels: { layers: number; depth: number | undefined }[] = [];
  for (let level = 0; level < levelCount; level++) {
    const place = `down_blocks.${level}.`;
    const layers = countIndices(tensors, `${place}resnets.`);
    const attentions = countIndices(tensors, `${place}attentions.`);
    const depths = Array.from({ length: attentions }, (_, index) =>
      countIndices(tensors, `${place}attentions.${index}.transformer_blocks.`),
    );
    if (attentions !== 0 && (attentions !== layers || new Set(depths).size !== 1)) return irregular(`${place}attentions`);
    channels.push(shape(`${place}resnets.0.conv1.weight`)[0] ?? 0);
    levels.push({ layers, depth: depths[0] });
  }
  const middleDepth = countIndices(tensors, 'mid_block.attentions.0.transformer_blocks.');
  const [first] = levels;
  if (first === undefined || levels.some(({ layers }) => layers !== first.layers)) return irregular('the blocks');
  // A level without attention has no depth of its own; diffusers takes the middle block's from the last level's entry.
  const depthOf = levels.map(({ depth }, level) => depth ?? (level === levelCount - 1 ? middleDepth : 1));
  if (depthOf.at(-1) !== middleDepth) return irregular('mid_block.attentions.0');
  const attending = levels.findIndex(({ depth }) => depth !== undefined);
  const projection = attending < 0 ? 'mid_block.attentions.0.proj_in.weight' : `down_blocks.${attending}.attentions.0.proj_in.weight`;
  const isLinear = shape(projection).length === 2;
  const textWidth = [...tensors].find(([name]) => name.endsWith('.attn2.to_k.weight'))?.[1].shape[1];
  return ok({
    levels,
    middleDepth,
    config: {
      in_channels: shape('conv_in.weight')[1] ?? 0,
      block_out_channels: channels,
      layers_per_block: first.layers,
      down_block_types: levels.map(({ depth }) => (depth === undefined ? 'DownBlock2D' : 'CrossAttnDownBlock2D')),
      mid_block_type: hasUnder(tensors, 'mid_block.attentions.') ? 'UNetMidBlock2DCrossAttn' : 'UNetMidBlock2D',
      transformer_layers_per_block: depthOf,
      ...(textWidth === undefined ? {} : { cross_attention_dim: textWidth }),
      attention_head_dim: isLinear ? channels.map((width) => Math.max(1, Math.floor(width / 64))) : 8,
      use_linear_projection: isLinear,
    },
  });
}

/** How many numbered modules follow a prefix: one more than the highest number; absurd numbers do not count. */
export function countIndices(tensors: TensorMap, prefix: string): number {
  let count = 0;
  for (const name of tensors.keys()) {
    if (!name.startsWith(prefix)) continue;
    const index = Number.parseInt(name.slice(prefix.length), 10);
    if (index >= count && index < MAX_MODULES) count = index + 1;
  }
  return count;
}

/** True when there is anything of a module: what has lost one of its tensors is damaged, and not a network without the module. */
export function hasUnder(tensors: TensorMap, prefix: string): boolean {
  return [...tensors.keys()].some((name) => name.startsWith(prefix));
}

/** Shapes of tensors by name; empty where there is none. */
export function shapesOf(tensors: TensorMap): (name: string) => readonly number[] {
  return (name) => tensors.get(name)?.shape ?? [];
}

/** The refusal of a structure that no rule covers; `what` is the part that is unusual. */
export function irregular(what: string): Result<never> {
  return fail(
    'model.config',
    `its structure is unusual (${what}), so its config cannot be told from its tensors. Give the folder that its configs are in.`,
  );
}
