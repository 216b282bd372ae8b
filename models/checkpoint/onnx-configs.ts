import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { OnnxFile, OnnxPort } from '../onnx/onnx-file.ts';
import type { JsonObject } from '../read-json.ts';
import { SHARED_SPACES } from './latent-space.ts';

/** SDXL's own width of a size's embedding, where only the sum of all widths shows. */
const TIME_ID_WIDTH = 256;

/** What is known of a U-Net's graph without a config: enough to reckon with, not to build it. */
export function inferOnnxUnetConfig(file: OnnxFile): Result<JsonObject> {
  const sample = portOf(file, 'sample');
  const states = portOf(file, 'encoder_hidden_states');
  if (sample === undefined || states === undefined || portOf(file, 'timestep') === undefined) {
    return refuse(file, 'U-Net', 'sample, timestep and encoder_hidden_states');
  }
  const inChannels = sizeOf(sample, 1) ?? constantSize(file, 'conv_in.weight', 1);
  const textWidth = sizeOf(states, 2) ?? constantSize(file, 'attn2.to_k.weight', 1);
  if (inChannels === undefined || textWidth === undefined) {
    const what = inChannels === undefined ? 'how many channels it takes' : 'how wide its texts are';
    return fail('model.config', `${file.path} does not say ${what}. Put the U-Net's config.json beside it.`);
  }
  const pooled = sizeOf(portOf(file, 'text_embeds'), 1);
  const timeIds = sizeOf(portOf(file, 'time_ids'), 1);
  const guidance = sizeOf(portOf(file, 'timestep_cond'), 1);
  return ok({
    _class_name: 'UNet2DConditionModel',
    in_channels: inChannels,
    out_channels: sizeOf(file.outputs[0], 1) ?? inChannels,
    cross_attention_dim: textWidth,
    ...(sizeOf(sample, 2) === undefined ? {} : { sample_size: [sizeOf(sample, 2), sizeOf(sample, 3) ?? sizeOf(sample, 2)] }),
    ...(guidance === undefined ? {} : { time_cond_proj_dim: guidance }),
    ...(pooled === undefined || timeIds === undefined
      ? {}
      : {
          addition_embed_type: 'text_time',
          addition_time_embed_dim: TIME_ID_WIDTH,
          projection_class_embeddings_input_dim: pooled + timeIds * TIME_ID_WIDTH,
        }),
  });
}

/** The same of a decoder's graph. Its levels are counted by what enlarges: one Resize from level to level. */
export function inferOnnxVaeConfig(file: OnnxFile, isXl: boolean): Result<JsonObject> {
  const latent = portOf(file, 'latent_sample');
  if (latent === undefined) return refuse(file, 'decoder', 'latent_sample');
  const resizes = (file.operators.get('Resize') ?? 0) + (file.operators.get('Upsample') ?? 0);
  const channels = sizeOf(latent, 1) ?? constantSize(file, 'post_quant_conv.weight', 1) ?? constantSize(file, 'decoder.conv_in.weight', 1);
  const levels = Array.from({ length: resizes + 1 });
  return ok({
    _class_name: 'AutoencoderKL',
    latent_channels: channels ?? 4,
    block_out_channels: levels.map(() => 1),
    down_block_types: levels.map(() => 'DownEncoderBlock2D'),
    up_block_types: levels.map(() => 'UpDecoderBlock2D'),
    scaling_factor: SHARED_SPACES[isXl ? 'sdxl' : 'sd'].scalingFactor,
  });
}

/** The same of a CLIP text encoder's graph. */
export function inferOnnxTextConfig(file: OnnxFile): Result<JsonObject> {
  const ids = portOf(file, 'input_ids');
  const states = file.outputs.find(({ name }) => name === 'last_hidden_state' || name.startsWith('hidden_states.'));
  if (ids === undefined || states === undefined) return refuse(file, 'CLIP text encoder', 'input_ids, giving last_hidden_state');
  const width = sizeOf(states, 2) ?? constantSize(file, 'token_embedding.weight', 1);
  if (width === undefined)
    return fail('model.config', `${file.path} does not say how wide its states are. Put the text encoder's config.json beside it.`);
  const hidden = file.outputs.filter(({ name }) => name.startsWith('hidden_states.')).length;
  return ok({
    architectures: [file.outputs.some(({ name }) => name === 'text_embeds') ? 'CLIPTextModelWithProjection' : 'CLIPTextModel'],
    model_type: 'clip_text_model',
    vocab_size: constantSize(file, 'token_embedding.weight', 0) ?? 49408,
    hidden_size: width,
    // One head: which there are shows nowhere, and nothing reckons with it.
    num_attention_heads: 1,
    num_hidden_layers: hidden > 1 ? hidden - 1 : 12,
    max_position_embeddings: sizeOf(ids, 1) ?? constantSize(file, 'position_embedding.weight', 0) ?? 77,
    projection_dim: sizeOf(
      file.outputs.find(({ name }) => name === 'text_embeds'),
      1,
    ),
    // OpenCLIP's widths, by which SD 2 is known.
    hidden_act: width === 1024 || width === 1280 ? 'gelu' : 'quick_gelu',
  });
}

function portOf({ inputs }: OnnxFile, name: string): OnnxPort | undefined {
  return inputs.find((port) => port.name === name);
}

function sizeOf(port: OnnxPort | undefined, axis: number): number | undefined {
  const size = port?.shape?.[axis];
  return typeof size === 'number' && size > 0 ? size : undefined;
}

function constantSize({ constants }: OnnxFile, ending: string, axis: number): number | undefined {
  return constants.find(({ name }) => name === ending || name.endsWith(`.${ending}`))?.shape[axis];
}

function refuse(file: OnnxFile, what: string, wanted: string): Result<never> {
  const has = (ports: readonly OnnxPort[]): string => ports.map(({ name }) => name).join(', ') || 'nothing';
  return fail(
    'model.unsupported',
    `${file.path} is not the ${what} of a Stable Diffusion: that takes ${wanted}, and this takes ${has(file.inputs)} and gives ${has(file.outputs)}. Export it with diffusers' or optimum's converter.`,
  );
}
