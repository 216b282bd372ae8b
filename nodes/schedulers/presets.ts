/** A sampler under a name that people know, as a change to a model's own configuration. */
export interface SchedulerPreset {
  readonly title: string;
  /** diffusers' class. */
  readonly className: string;
  /** What the name itself promises; everything else stays as the model has it. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

const KARRAS = { use_karras_sigmas: true, use_exponential_sigmas: false, use_beta_sigmas: false };
const TWO_M = { solver_order: 2, solver_type: 'midpoint', algorithm_type: 'dpmsolver++' };
const TWO_M_SDE = { ...TWO_M, algorithm_type: 'sde-dpmsolver++' };

/** The preset that is no preset: the model's own configuration as it is. */
export const DEFAULT_PRESET = 'default';

/** Every preset by name, in the order to show them. */
export const SCHEDULER_PRESETS: Readonly<Record<string, SchedulerPreset>> = {
  ddim: { title: 'DDIM', className: 'DDIMScheduler', overrides: {} },
  pndm: { title: 'PNDM (PLMS)', className: 'PNDMScheduler', overrides: {} },
  euler: { title: 'Euler', className: 'EulerDiscreteScheduler', overrides: {} },
  euler_karras: { title: 'Euler Karras', className: 'EulerDiscreteScheduler', overrides: KARRAS },
  euler_ancestral: { title: 'Euler ancestral', className: 'EulerAncestralDiscreteScheduler', overrides: {} },
  dpmpp_2m: { title: 'DPM++ 2M', className: 'DPMSolverMultistepScheduler', overrides: TWO_M },
  dpmpp_2m_karras: { title: 'DPM++ 2M Karras', className: 'DPMSolverMultistepScheduler', overrides: { ...TWO_M, ...KARRAS } },
  dpmpp_2m_sde: { title: 'DPM++ 2M SDE', className: 'DPMSolverMultistepScheduler', overrides: TWO_M_SDE },
  dpmpp_2m_sde_karras: { title: 'DPM++ 2M SDE Karras', className: 'DPMSolverMultistepScheduler', overrides: { ...TWO_M_SDE, ...KARRAS } },
  unipc: { title: 'UniPC', className: 'UniPCMultistepScheduler', overrides: {} },
  lcm: { title: 'LCM', className: 'LCMScheduler', overrides: {} },
};
