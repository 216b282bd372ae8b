import { ok, type Result } from '../../nodes/problem.ts';
import { countIndices, inferDownPath, irregular, shapesOf } from '../checkpoint/infer-down-path.ts';
import type { TensorMap } from '../checkpoint/tensor-map.ts';
import type { JsonObject } from '../read-json.ts';

/** SDXL gives pooled text of 1280 numbers and six sizes of 256 each; no other model with sizes has ControlNets in single files. */
const SDXL_POOLED = 1280;
const SDXL_TIME_IDS = 6;

/** SDXL's text, for its small ControlNets, which do not look at it. */
const SDXL_TEXT = 2048;

/** The config of a ControlNet, told from its tensors' names and shapes under diffusers' names. */
export function inferControlNetConfig(tensors: TensorMap): Result<JsonObject> {
  const path = inferDownPath(tensors);
  if (!path.ok) return path;
  const shape = shapesOf(tensors);
  const place = 'controlnet_cond_embedding.';
  const [firstChannels = 0, pictureChannels = 0] = shape(`${place}conv_in.weight`);
  const blocks = countIndices(tensors, `${place}blocks.`);
  if (firstChannels === 0 || blocks % 2 !== 0) return irregular(`${place}blocks`);
  const others = Array.from({ length: blocks / 2 }, (_, index) => shape(`${place}blocks.${2 * index + 1}.weight`)[0] ?? 0);
  const width = shape('add_embedding.linear_1.weight')[1];
  const timeIdWidth = ((width ?? 0) - SDXL_POOLED) / SDXL_TIME_IDS;
  if (width !== undefined && !(Number.isInteger(timeIdWidth) && timeIdWidth > 0)) return irregular('add_embedding');
  return ok({
    _class_name: 'ControlNetModel',
    ...(width === undefined ? {} : { cross_attention_dim: SDXL_TEXT }),
    ...path.value.config,
    conditioning_channels: pictureChannels,
    conditioning_embedding_out_channels: [firstChannels, ...others],
    ...(width === undefined
      ? {}
      : {
          addition_embed_type: 'text_time',
          addition_time_embed_dim: timeIdWidth,
          projection_class_embeddings_input_dim: width,
        }),
  });
}
