import { describe, expect, it } from 'vitest';
import { asStableDiffusionHasIt } from './pipeline-config.ts';

const pipeline = { seesHole: false };
const inpainting = { seesHole: true };

// As StableDiffusionPipeline and StableDiffusionInpaintPipeline of diffusers 0.42.1 leave pipe.scheduler.config behind.
describe('a scheduler’s configuration in a Stable Diffusion pipeline', () => {
  it('begins leading timesteps at 1 and does not clip, also where the file leaves that to the class', () => {
    expect(asStableDiffusionHasIt({ _class_name: 'DDIMScheduler' }, pipeline)).toEqual({
      _class_name: 'DDIMScheduler',
      steps_offset: 1,
      clip_sample: false,
    });
    const pndm = { _class_name: 'PNDMScheduler', clip_sample: true, steps_offset: 0 };
    expect(asStableDiffusionHasIt(pndm, pipeline)).toEqual({ ...pndm, clip_sample: false, steps_offset: 1 });
  });

  it('has no Runge-Kutta warm-up for an inpainting model, and may clip', () => {
    expect(asStableDiffusionHasIt({ _class_name: 'PNDMScheduler', clip_sample: true }, inpainting)).toEqual({
      _class_name: 'PNDMScheduler',
      clip_sample: true,
      steps_offset: 1,
      skip_prk_steps: true,
    });
  });

  it('leaves alone what has no such options, or is unknown', () => {
    for (const config of [{ _class_name: 'EDMEulerScheduler' }, { _class_name: 'Unheard' }, {}]) {
      expect(asStableDiffusionHasIt(config, pipeline)).toEqual(config);
    }
  });
});
