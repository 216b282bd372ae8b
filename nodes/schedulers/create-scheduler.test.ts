import { describe, expect, it } from 'vitest';
import { schedulerContract } from '../../test/contracts/scheduler-contract.ts';
import { createScheduler, SCHEDULER_CLASSES } from './create-scheduler.ts';

const SD = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };

for (const { className, options } of SCHEDULER_CLASSES)
  schedulerContract({ _class_name: className, ...('beta_start' in options ? SD : {}) });
schedulerContract({ _class_name: 'PNDMScheduler', ...SD, skip_prk_steps: true });
schedulerContract({ _class_name: 'EulerDiscreteScheduler', ...SD, use_karras_sigmas: true });
schedulerContract({ _class_name: 'DPMSolverMultistepScheduler', ...SD, solver_order: 3, use_lu_lambdas: true, lower_order_final: false });
schedulerContract({ _class_name: 'DPMSolverMultistepScheduler', ...SD, algorithm_type: 'sde-dpmsolver++', thresholding: true });
schedulerContract({ _class_name: 'UniPCMultistepScheduler', ...SD, solver_order: 3, use_exponential_sigmas: true });

describe('createScheduler', () => {
  it('lists every class once', () => {
    const names = SCHEDULER_CLASSES.map((one) => one.className);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['more steps than the schedule has', { _class_name: 'DDIMScheduler' }, 1001, 'num_train_timesteps'],
    ['more leading steps than the schedule has', { _class_name: 'EulerDiscreteScheduler', timestep_spacing: 'leading' }, 1001, 'leading'],
    ['two spacings at once', { _class_name: 'EulerDiscreteScheduler', use_karras_sigmas: true, use_beta_sigmas: true }, 5, 'only one of'],
    ['thresholding without a shape', { _class_name: 'DDIMScheduler', thresholding: true }, 5, 'shape'],
    ['timesteps beyond the schedule', { _class_name: 'DDIMScheduler', steps_offset: 300 }, 5, 'timestep'],
    ['the step count that numpy turns into one more', { _class_name: 'DDIMScheduler', timestep_spacing: 'trailing' }, 61, 'timestep -1'],
    ['a noise form that ends at zero', { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'dpmsolver' }, 5, 'sigma_min'],
    [
      'a third order that does not exist',
      { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver', solver_order: 3, final_sigmas_type: 'sigma_min' },
      20,
      'no third order',
    ],
    ['learned variance of latents', { _class_name: 'DPMSolverMultistepScheduler', variance_type: 'learned' }, 5, '3 channels'],
    ['more steps than a model was distilled on', { _class_name: 'LCMScheduler' }, 51, 'original_inference_steps'],
    ['a short Runge-Kutta warm-up', { _class_name: 'PNDMScheduler' }, 3, 'skip_prk_steps'],
    ['UniPC on its way to infinity', { _class_name: 'UniPCMultistepScheduler', solver_type: 'bh1' }, 5, 'sigma_min'],
    ['noise prediction of pure noise', { _class_name: 'LCMScheduler', rescale_betas_zero_snr: true }, 4, 'v_prediction'],
    ['betas that are no betas', { _class_name: 'EulerDiscreteScheduler', beta_start: -5, beta_end: 9 }, 4, 'betas'],
    ['a class it does not know', { _class_name: 'FluxScheduler' }, 4, 'EulerDiscreteScheduler'],
    ['no class', {}, 4, 'missing'],
  ] as const)('refuses %s', (_, config, steps, word) => {
    const result = createScheduler(config, steps);
    expect(result.ok ? 'accepted' : result.problem.message).toContain(word);
  });

  it('accepts pure noise where the start of sampling lies beyond it', () => {
    const config = { _class_name: 'LCMScheduler', rescale_betas_zero_snr: true };
    expect(createScheduler(config, 4, { beginIndex: 1 }).ok).toBe(true);
  });
});
