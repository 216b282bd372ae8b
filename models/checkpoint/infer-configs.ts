import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { JsonObject } from '../read-json.ts';
import type { TensorMap } from './tensor-map.ts';

/** No network in use numbers that many modules in a row. */
const MAX_MODULES = 1000;

/** What decides about a U-Net's size conditioning: the pooled text's width, and how many numbers describe sizes. */
export interface SizeConditioning {
  readonly pooledWidth: number;
  readonly timeIds: number;
}

/**
 * The config of a Stable Diffusion U-Net, told from its tensors' names and shapes. What no shape shows follows the family's rule: with
 * linear projections (SD 2, SDXL) heads are 64 wide, without (SD 1) there are always 8.
 */
export function inferUnetConfig(tensors: TensorMap, sampleSize: number, sizes?: SizeConditioning): Result<JsonObject> {
  const shape = shapesOf(tensors);
  const levels = countIndices(tensors, 'down_blocks.');
  const channels: number[] = [];
  const layers: number[] = [];
  const depths: number[] = [];
  const downTypes: string[] = [];
  for (let level = 0; level < levels; level++) {
    const place = `down_blocks.${level}.`;
    const count = countIndices(tensors, `${place}resnets.`);
    const attentions = countIndices(tensors, `${place}attentions.`);
    const blockDepths = Array.from({ length: attentions }, (_, index) =>
      countIndices(tensors, `${place}attentions.${index}.transformer_blocks.`),
    );
    if (attentions !== 0 && (attentions !== count || new Set(blockDepths).size !== 1)) return irregular(`${place}attentions`);
    const upper = `up_blocks.${levels - 1 - level}.`;
    if (countIndices(tensors, `${upper}attentions.`) > 0 !== attentions > 0) return irregular(`${upper}attentions`);
    if (countIndices(tensors, `${upper}resnets.`) !== count + 1) return irregular(`${upper}resnets`);
    channels.push(shape(`${place}resnets.0.conv1.weight`)[0] ?? 0);
    layers.push(count);
    depths.push(blockDepths[0] ?? 0);
    downTypes.push(attentions > 0 ? 'CrossAttnDownBlock2D' : 'DownBlock2D');
  }
  const middleDepth = countIndices(tensors, 'mid_block.attentions.0.transformer_blocks.');
  const firstAttention = downTypes.indexOf('CrossAttnDownBlock2D');
  if (levels === 0 || firstAttention < 0 || middleDepth === 0 || new Set(layers).size !== 1) return irregular('the blocks');
  // A level without attention has no depth of its own; diffusers takes the middle block's from the last level's entry.
  const depthOf = depths.map((depth, level) => (depth > 0 ? depth : level === levels - 1 ? middleDepth : 1));
  if (depthOf.at(-1) !== middleDepth) return irregular('mid_block.attentions.0');

  const attention = `down_blocks.${firstAttention}.attentions.0.`;
  const isLinear = shape(`${attention}proj_in.weight`).length === 2;
  const textWidth = shape(`${attention}transformer_blocks.0.attn2.to_k.weight`)[1] ?? 0;
  const conditioningWidth = shape('add_embedding.linear_1.weight')[1];
  if (conditioningWidth !== undefined && sizes === undefined) return irregular('label_emb');
  return ok({
    _class_name: 'UNet2DConditionModel',
    sample_size: sampleSize,
    in_channels: shape('conv_in.weight')[1] ?? 0,
    out_channels: shape('conv_out.weight')[0] ?? 0,
    block_out_channels: channels,
    layers_per_block: layers[0],
    down_block_types: downTypes,
    mid_block_type: 'UNetMidBlock2DCrossAttn',
    up_block_types: downTypes.map((type) => type.replace('Down', 'Up')).reverse(),
    transformer_layers_per_block: depthOf,
    cross_attention_dim: textWidth,
    attention_head_dim: isLinear ? channels.map((width) => Math.max(1, Math.floor(width / 64))) : 8,
    use_linear_projection: isLinear,
    ...(conditioningWidth === undefined || sizes === undefined
      ? {}
      : {
          addition_embed_type: 'text_time',
          addition_time_embed_dim: (conditioningWidth - sizes.pooledWidth) / sizes.timeIds,
          projection_class_embeddings_input_dim: conditioningWidth,
        }),
  });
}

/** The config of a Stable Diffusion autoencoder, told from its tensors' names and shapes. */
export function inferVaeConfig(tensors: TensorMap, scalingFactor: number, sampleSize: number): Result<JsonObject> {
  const shape = shapesOf(tensors);
  const levels = countIndices(tensors, 'encoder.down_blocks.');
  const channels = Array.from({ length: levels }, (_, level) => shape(`encoder.down_blocks.${level}.resnets.0.conv2.weight`)[0] ?? 0);
  const layers = countIndices(tensors, 'encoder.down_blocks.0.resnets.');
  if (levels === 0 || layers === 0 || channels.includes(0)) return irregular('first_stage_model.encoder.down');
  return ok({
    _class_name: 'AutoencoderKL',
    in_channels: shape('encoder.conv_in.weight')[1] ?? 0,
    out_channels: shape('decoder.conv_out.weight')[0] ?? 0,
    block_out_channels: channels,
    down_block_types: channels.map(() => 'DownEncoderBlock2D'),
    up_block_types: channels.map(() => 'UpDecoderBlock2D'),
    layers_per_block: layers,
    latent_channels: shape('decoder.conv_in.weight')[1] ?? 0,
    mid_block_add_attention: tensors.has('encoder.mid_block.attentions.0.to_q.weight'),
    use_quant_conv: tensors.has('quant_conv.weight'),
    use_post_quant_conv: tensors.has('post_quant_conv.weight'),
    sample_size: sampleSize,
    scaling_factor: scalingFactor,
  });
}

/** How a text encoder that no config describes differs from what its shapes show. */
export interface TextEncoderRule {
  readonly activation: 'quick_gelu' | 'gelu';
  /** SD 2's encoder is stored with a last layer that is never used. */
  readonly unusedLayers: number;
}

/** The config of a CLIP text encoder, told from its tensors' names and shapes; heads are 64 wide in every CLIP in use. */
export function inferClipTextConfig(tensors: TensorMap, rule: TextEncoderRule): Result<JsonObject> {
  const shape = shapesOf(tensors);
  const root = tensors.has('text_model.final_layer_norm.weight') ? 'text_model.' : '';
  const [vocabulary, width] = shape(`${root}embeddings.token_embedding.weight`);
  const layers = countIndices(tensors, `${root}encoder.layers.`) - rule.unusedLayers;
  const inner = shape(`${root}encoder.layers.0.mlp.fc1.weight`)[0];
  if (vocabulary === undefined || width === undefined || inner === undefined || layers < 1) return irregular('the text encoder');
  return ok({
    model_type: 'clip_text_model',
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: Math.max(1, Math.floor(width / 64)),
    max_position_embeddings: shape(`${root}embeddings.position_embedding.weight`)[0],
    // Square, or stored [in, out] as OpenCLIP has it.
    projection_dim: tensors.get('text_projection.weight')?.transposed
      ? shape('text_projection.weight')[1]
      : (shape('text_projection.weight')[0] ?? width),
    hidden_act: rule.activation,
    layer_norm_eps: 1e-5,
    bos_token_id: vocabulary - 2,
    // 2 is what the published configs say; transformers then takes the largest id as the end token, which it is.
    eos_token_id: 2,
  });
}

/** How many numbered modules follow a prefix: one more than the highest number; absurd numbers do not count. */
function countIndices(tensors: TensorMap, prefix: string): number {
  let count = 0;
  for (const name of tensors.keys()) {
    if (!name.startsWith(prefix)) continue;
    const index = Number.parseInt(name.slice(prefix.length), 10);
    if (index >= count && index < MAX_MODULES) count = index + 1;
  }
  return count;
}

function shapesOf(tensors: TensorMap): (name: string) => readonly number[] {
  return (name) => tensors.get(name)?.shape ?? [];
}

function irregular(what: string): Result<never> {
  return fail(
    'model.config',
    `its structure is unusual (${what}), so its config cannot be told from its tensors. Give the folder that its configs are in.`,
  );
}
