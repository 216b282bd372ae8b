import { ok, type Result } from '../../nodes/problem.ts';
import type { JsonObject } from '../read-json.ts';
import { countIndices, hasUnder, inferDownPath, irregular, shapesOf } from './infer-down-path.ts';
import type { TensorMap } from './tensor-map.ts';

/** What decides about a U-Net's size conditioning: the pooled text's width, and how many numbers describe sizes. */
export interface SizeConditioning {
  readonly pooledWidth: number;
  readonly timeIds: number;
}

/** The config of a Stable Diffusion U-Net, told from its tensors' names and shapes. */
export function inferUnetConfig(tensors: TensorMap, sampleSize: number, sizes?: SizeConditioning): Result<JsonObject> {
  const shape = shapesOf(tensors);
  const path = inferDownPath(tensors);
  if (!path.ok) return path;
  const { levels, middleDepth, config } = path.value;
  for (const [level, { layers, depth }] of levels.entries()) {
    const upper = `up_blocks.${levels.length - 1 - level}.`;
    if (countIndices(tensors, `${upper}attentions.`) > 0 !== (depth !== undefined)) return irregular(`${upper}attentions`);
    if (countIndices(tensors, `${upper}resnets.`) !== layers + 1) return irregular(`${upper}resnets`);
  }
  if (middleDepth === 0 || levels.every(({ depth }) => !depth)) return irregular('the blocks');
  const conditioningWidth = shape('add_embedding.linear_1.weight')[1];
  if ((conditioningWidth === undefined) !== (sizes === undefined)) return irregular('label_emb');
  return ok({
    _class_name: 'UNet2DConditionModel',
    sample_size: sampleSize,
    ...config,
    out_channels: shape('conv_out.weight')[0] ?? 0,
    up_block_types: levels.map(({ depth }) => (depth === undefined ? 'UpBlock2D' : 'CrossAttnUpBlock2D')).reverse(),
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
    mid_block_add_attention: hasUnder(tensors, 'encoder.mid_block.attentions.') || hasUnder(tensors, 'decoder.mid_block.attentions.'),
    use_quant_conv: hasUnder(tensors, 'quant_conv.'),
    use_post_quant_conv: hasUnder(tensors, 'post_quant_conv.'),
    sample_size: sampleSize,
    scaling_factor: scalingFactor,
  });
}

/** How a text encoder that no config describes differs from what its shapes show. */
export interface TextEncoderRule {
  readonly activation: 'quick_gelu' | 'gelu';
  /** So many layers are used, whatever is stored behind them; left out: all. */
  readonly usedLayers?: number;
}

/** The config of a CLIP text encoder, told from its tensors' names and shapes; heads are 64 wide in every CLIP in use. */
export function inferClipTextConfig(tensors: TensorMap, rule: TextEncoderRule): Result<JsonObject> {
  const shape = shapesOf(tensors);
  const root = tensors.has('text_model.final_layer_norm.weight') ? 'text_model.' : '';
  const [vocabulary, width] = shape(`${root}embeddings.token_embedding.weight`);
  const layers = Math.min(countIndices(tensors, `${root}encoder.layers.`), rule.usedLayers ?? Number.POSITIVE_INFINITY);
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
