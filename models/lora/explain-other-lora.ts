import { type Problem, problem } from '../../nodes/problem.ts';
import { explainOtherTensors } from '../checkpoint/identify-tensors.ts';
import type { SafetensorsFile } from '../safetensors.ts';

const WANTED = 'LoRAs for Stable Diffusion 1, 2 and XL are supported.';

/** LoRAs of other families, by names of their layers. */
const OTHER_FAMILIES: readonly (readonly [string, RegExp])[] = [
  ['Flux', /double_blocks|single_blocks|single_transformer_blocks/],
  ['Stable Diffusion 3', /joint_blocks/],
  ['Stable Cascade', /lora_prior_|clip_txt_mapper|clip_mapper/],
  [
    'a transformer model (such as Stable Diffusion 3, Flux, Wan, Qwen-Image or PixArt)',
    /(^|[._])(transformer|transformer_blocks|layers|blocks)[._]\d*/,
  ],
];

/** Layers of Stable Diffusion's U-Nets and text encoders, whatever else is strange about a name. */
const OWN_LAYERS = /(?:down|up|input|output)_blocks|mid_block|middle_block|text_model|text_encoder/;

/** Changes of weights that are no LoRA. */
const OTHER_CHANGES: readonly (readonly [string, RegExp])[] = [
  ['OFT or BOFT', /\.oft_|boft_|oft_blocks/],
  ['(IA)³', /\.on_input$/],
  ['GLoRA', /\.(a1|a2|b1|b2)\.weight$/],
  ['whole weights (LyCORIS "full")', /\.(diff|diff_b|set_weight)$/],
  ['weights of norms (LyCORIS "train_norm")', /\.(w_norm|b_norm)$/],
  ['an embedding bundled with it', /^bundle_emb\./],
];

const SIGN = /lora_|\.lora\.|_lora\.|hada_|lokr_|dora_scale/;

/** Says what a file holds that was opened as a LoRA and has tensors (`strangers`) that no LoRA has. */
export function explainOtherLora(file: SafetensorsFile, path: string, strangers: readonly string[]): Problem {
  const [stranger = ''] = strangers;
  const count = strangers.length;
  const others = count > 1 ? ` and ${count - 1} more like it` : '';
  const change = OTHER_CHANGES.find(([, sign]) => strangers.some((key) => sign.test(key)));
  const keys = [...file.tensors.keys()];
  if (change !== undefined && (keys.some((key) => SIGN.test(key)) || /^(lora|lycoris)_/.test(stranger))) {
    return problem(
      'model.unsupported',
      `${path} changes weights with ${change[0]} (${stranger}${others}), which is not supported. LoRA, LoCon, LoHa, LoKr and DoRA are; choose such a file.`,
    );
  }
  if (keys.some((key) => SIGN.test(key))) {
    const foreign = strangers.filter((key) => !OWN_LAYERS.test(key));
    const family = OTHER_FAMILIES.find(([, sign]) => foreign.some((key) => sign.test(key)));
    if (family !== undefined) {
      return problem('model.wrongFamily', `${path} is a LoRA for ${family[0]}, whose layers Stable Diffusion does not have. ${WANTED}`);
    }
    return problem(
      'model.unsupported',
      `${path} looks like a LoRA, but has a tensor ${stranger}${others}, which no LoRA of a known kind has. ${WANTED}`,
    );
  }
  const other = explainOtherTensors(file, path);
  const [what = `${path} is no LoRA.`] = /^.*?\. /.exec(`${other.message} `) ?? [];
  return { ...other, message: `${what.trim()} A LoRA is wanted here: choose a .safetensors file that changes a model.` };
}
