import type { JsonObject } from '../read-json.ts';
import type { CheckpointFamily, PredictionType } from './checkpoint.ts';

const SCHEDULE = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', num_train_timesteps: 1000, trained_betas: null };

/**
 * The scheduler_config.json that a single file of this family is given: those of stable-diffusion-v1-5, stable-diffusion-2-1 and
 * stable-diffusion-xl-base-1.0, which diffusers' from_single_file takes. Keys that they lack are lacking here, because a sampler made
 * from them falls back on its own defaults.
 */
export function defaultScheduler(
  family: Exclude<CheckpointFamily, 'custom'>,
  prediction: PredictionType,
  zeroTerminalSnr: boolean,
): JsonObject {
  const older = { ...SCHEDULE, clip_sample: false, set_alpha_to_one: false, skip_prk_steps: true, steps_offset: 1 };
  switch (family) {
    case 'sd15':
      return { _class_name: 'PNDMScheduler', ...older, ...(prediction === 'epsilon' ? {} : { prediction_type: prediction }) };
    case 'sd2':
      return { _class_name: 'DDIMScheduler', ...older, prediction_type: prediction };
    case 'sdxl':
    case 'sdxl-refiner':
      return {
        _class_name: 'EulerDiscreteScheduler',
        ...older,
        interpolation_type: 'linear',
        prediction_type: prediction,
        sample_max_value: 1,
        timestep_spacing: 'leading',
        use_karras_sigmas: false,
        ...(zeroTerminalSnr ? { rescale_betas_zero_snr: true } : {}),
      };
  }
}

/** Settings of CLIP's tokenizer as the published folders have them; OpenCLIP's users pad with `!` (id 0), the others with the end token. */
export function clipTokenizerDefaults(padToken: '!' | '<|endoftext|>'): JsonObject {
  const token = (content: string) => ({ content, lstrip: false, normalized: true, rstrip: false, single_word: false });
  return {
    bos_token: token('<|startoftext|>'),
    eos_token: token('<|endoftext|>'),
    unk_token: token('<|endoftext|>'),
    pad_token: padToken,
    model_max_length: 77,
  };
}
