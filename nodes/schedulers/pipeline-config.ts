import { findSchedulerClass } from './create-scheduler.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * A model's own scheduler configuration as diffusers' pipelines for Stable Diffusion 1 and 2 have it, whatever the file says: timesteps of
 * leading spacing begin at 1, the original is not clipped, and an inpainting model's PNDM (`seesHole`) has no Runge-Kutta warm-up.
 */
export function asStableDiffusionHasIt(config: Json, { seesHole }: { readonly seesHole: boolean }): Json {
  const found = findSchedulerClass(config['_class_name']);
  if (!found.ok) return config;
  const { options } = found.value;
  const settled = (key: string): unknown => config[key] ?? options[key]?.default;
  return {
    ...config,
    ...(settled('steps_offset') === undefined ? {} : { steps_offset: 1 }),
    ...(settled('clip_sample') === true && !seesHole ? { clip_sample: false } : {}),
    ...(settled('skip_prk_steps') === false && seesHole ? { skip_prk_steps: true } : {}),
  };
}
