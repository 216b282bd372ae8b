import { type Problem, problem } from '../../nodes/problem.ts';
import type { SafetensorsFile } from '../safetensors.ts';

interface Kind {
  readonly what: string;
  readonly remedy: string;
  /** Any tensor whose name matches tells it. */
  readonly sign: RegExp;
}

const NEEDS = 'A whole checkpoint (Stable Diffusion 1, 2 or XL, with U-Net, autoencoder and text encoder) is needed here.';
const AS_PART = `Choose the checkpoint it belongs to. ${NEEDS}`;
const AS_VAE = `It is a part of a model: open it with Load VAE. ${NEEDS}`;
const OTHER_FAMILY = `That family is not supported. ${NEEDS}`;

/** What people have in .safetensors files, the more particular first. */
const KINDS: readonly Kind[] = [
  {
    what: 'a LoRA (or a relative of it: LoCon, LoHa, LoKr)',
    remedy: `It changes a model and is none. ${AS_PART}`,
    sign: /(lora_(up|down|A|B|mid)\b|\.lora\.|hada_w|lokr_w|dora_scale|\.lora_linear_layer\.)/,
  },
  { what: 'an AnimateDiff motion module', remedy: AS_PART, sign: /motion_modules\.|temporal_transformer\./ },
  {
    what: 'an IP-Adapter',
    remedy: `It lets a picture say what is drawn, and is no model: open it with Load IP-Adapter. ${NEEDS}`,
    sign: /^(image_proj|ip_adapter)\./,
  },
  {
    what: 'a ControlNet',
    remedy: `It steers a model and is none: open it with Load ControlNet. ${NEEDS}`,
    sign: /^control_model\.|controlnet_|zero_convs\.|control_all_x_embedder|input_hint_block\./,
  },
  {
    what: 'a T2I-Adapter',
    remedy: `It steers a model and is none: open it with Load ControlNet. ${NEEDS}`,
    sign: /^(adapter\.)?body\.\d+\.(block\d|in_conv|resnets)/,
  },
  { what: 'a Flux model', remedy: OTHER_FAMILY, sign: /(^|\.)double_blocks\.\d+\.img_|single_stream_modulation/ },
  { what: 'a Stable Diffusion 3 model', remedy: OTHER_FAMILY, sign: /(^|\.)joint_blocks\./ },
  { what: 'a Stable Cascade model', remedy: OTHER_FAMILY, sign: /clip_txt_mapper|channelwise\.0\.weight/ },
  {
    what: 'a video or transformer model (such as Wan, LTX, Hunyuan, PixArt, Sana or AuraFlow)',
    remedy: OTHER_FAMILY,
    sign: /scale_shift_table|adaLN_modulation|head\.modulation|double_layers\.|txt_in\.|cap_embedder/,
  },
  { what: 'a T5 text encoder', remedy: AS_PART, sign: /block\.\d+\.layer\.\d+\.(SelfAttention|DenseReluDense)/ },
  {
    what: 'an upscaler (ESRGAN or a relative)',
    remedy: AS_PART,
    sign: /(RDB|rdb)\d\.conv|RRDB_trunk|^conv_(first|last|body)\.weight|^(body|model)\.\d+\.(sub\.)?\d*\.?(weight|bias|RDB)/,
  },
  {
    what: 'a CLIP vision model',
    remedy: `It goes with an IP-Adapter: choose it in Load IP-Adapter. ${NEEDS}`,
    sign: /vision_model\.|^visual\./,
  },
  {
    what: 'a U-Net without autoencoder and text encoder',
    remedy: AS_PART,
    sign: /(^|\.)(input_blocks\.0\.0\.weight|time_embedding\.linear_1\.weight|time_embed\.0\.weight)/,
  },
  { what: 'an autoencoder (VAE)', remedy: AS_VAE, sign: /(^|\.)(en|de)coder\.(conv_in|conv_out|mid|down|up)/ },
  { what: 'a small autoencoder (TAESD)', remedy: AS_VAE, sign: /^((taesd_)?(en|de)coder\.(layers\.)?)?\d+\.(conv\.\d+\.)?(weight|bias)$/ },
  { what: 'a text encoder', remedy: AS_PART, sign: /text_model\.|transformer\.resblocks\.|encoder\.layer\.\d+\.attention/ },
  {
    what: 'a textual inversion (an embedding)',
    remedy: `It adds a word to a model and is none. ${AS_PART}`,
    sign: /^(emb_params|clip_[lg]|string_to_param.*|<.+>)$/,
  },
];

/** What a file with tensors of these names looks like, in words; undefined where nothing tells. */
export function recogniseTensors(names: readonly string[]): string | undefined {
  return findKind(names)?.what;
}

function findKind(names: readonly string[]): Kind | undefined {
  return KINDS.find(({ sign }) => names.some((name) => sign.test(name)));
}

/**
 * Says what a safetensors file without a whole checkpoint in it looks like, and what is wanted instead: `model.wrongFamily` where it is
 * surely another kind of thing, `model.unsupported` where it may be a checkpoint that nothing here knows.
 */
export function explainOtherTensors(file: SafetensorsFile, path: string): Problem {
  const names = [...file.tensors.keys()];
  const kind = findKind(names);
  if (kind !== undefined) {
    const code = kind.remedy === OTHER_FAMILY ? 'model.unsupported' : 'model.wrongFamily';
    return problem(code, `${path} looks like ${kind.what}. ${kind.remedy}`);
  }
  const isEmbedding = names.length > 0 && names.length <= 4 && [...file.tensors.values()].every(({ shape }) => shape.length <= 2);
  if (isEmbedding) {
    return problem(
      'model.wrongFamily',
      `${path} looks like a textual inversion (an embedding). It adds a word to a model and is none. ${AS_PART}`,
    );
  }
  const some = names.slice(0, 3).join(', ') || 'none at all';
  return problem(
    'model.unsupported',
    `${path} is no model that is known here; its tensors are ${some}${names.length > 3 ? ', …' : ''}. ${NEEDS}`,
  );
}
