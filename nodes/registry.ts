import { blend } from './conditioning/blend.ts';
import { combine } from './conditioning/combine.ts';
import { region } from './conditioning/region.ts';
import { showTokens } from './conditioning/show-tokens.ts';
import { sizeConditioning } from './conditioning/size-conditioning.ts';
import { textEncoder } from './conditioning/text-encoder.ts';
import { applyControlNet } from './control/apply-controlnet.ts';
import { applyIpAdapter } from './control/apply-ip-adapter.ts';
import { createRegistry } from './define-node.ts';
import { repeatEnd } from './flow/repeat-end.ts';
import { repeatStart } from './flow/repeat-start.ts';
import { reroute } from './flow/reroute.ts';
import { imageGrid } from './image/image-grid.ts';
import { loadImage } from './image/load-image.ts';
import { padImage } from './image/pad-image.ts';
import { previewImage } from './image/preview-image.ts';
import { resizeImage } from './image/resize-image.ts';
import { runOnnxModel } from './image/run-onnx-model.ts';
import { saveAnimation } from './image/save-animation.ts';
import { saveImage } from './image/save-image.ts';
import { upscaleImage } from './image/upscale-image.ts';
import { wordHeatMaps } from './image/word-heat-maps.ts';
import { emptyLatent } from './latent/empty-latent.ts';
import { inpaintLatent } from './latent/inpaint-latent.ts';
import { repeatLatent } from './latent/repeat-latent.ts';
import { resizeLatent } from './latent/resize-latent.ts';
import { vaeDecode } from './latent/vae-decode.ts';
import { vaeEncode } from './latent/vae-encode.ts';
import { cropToMask } from './mask/crop-to-mask.ts';
import { loadMask } from './mask/load-mask.ts';
import { stitch } from './mask/stitch.ts';
import { loadCheckpoint } from './model/load-checkpoint.ts';
import { loadControlNet } from './model/load-controlnet.ts';
import { loadEmbedding } from './model/load-embedding.ts';
import { loadIpAdapter } from './model/load-ip-adapter.ts';
import { loadLora } from './model/load-lora.ts';
import { loadVae } from './model/load-vae.ts';
import { previewDecoder } from './model/preview-decoder.ts';
import { addNoise } from './sampling/add-noise.ts';
import { attentionMaps } from './sampling/attention-maps.ts';
import { guidance } from './sampling/guidance.ts';
import { noiseSchedule } from './sampling/noise-schedule.ts';
import { promptToPrompt } from './sampling/prompt-to-prompt.ts';
import { sampler } from './sampling/sampler.ts';
import { schedulerStep } from './sampling/scheduler-step.ts';
import { unetStep } from './sampling/unet-step.ts';
import { numberValue } from './value/number-value.ts';
import { rangeValue } from './value/range-value.ts';
import { seedValue } from './value/seed-value.ts';
import { textList } from './value/text-list.ts';
import { textValue } from './value/text-value.ts';

/** Every node Emulsion ships, in the order menus show them. */
export const registry = createRegistry([
  loadCheckpoint,
  loadLora,
  loadEmbedding,
  loadControlNet,
  loadIpAdapter,
  loadVae,
  previewDecoder,
  textEncoder,
  showTokens,
  sizeConditioning,
  region,
  combine,
  blend,
  applyControlNet,
  applyIpAdapter,
  emptyLatent,
  repeatLatent,
  resizeLatent,
  sampler,
  noiseSchedule,
  addNoise,
  unetStep,
  guidance,
  schedulerStep,
  attentionMaps,
  promptToPrompt,
  vaeDecode,
  vaeEncode,
  inpaintLatent,
  loadImage,
  loadMask,
  cropToMask,
  stitch,
  saveImage,
  saveAnimation,
  previewImage,
  resizeImage,
  padImage,
  upscaleImage,
  runOnnxModel,
  imageGrid,
  wordHeatMaps,
  repeatStart,
  repeatEnd,
  reroute,
  numberValue,
  rangeValue,
  textValue,
  textList,
  seedValue,
]);
