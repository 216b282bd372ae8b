/** A sampler under a name that people know, as a change to a model's own configuration. */
export interface SchedulerPreset {
  readonly title: string;
  /** diffusers' class, or ours where diffusers has none. */
  readonly className: string;
  /** What the name itself promises; everything else stays as the model has it. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

const DPM_MULTISTEP = 'DPMSolverMultistepScheduler';
const UNIPC = 'UniPCMultistepScheduler';
const TWO_M = { solver_order: 2, solver_type: 'midpoint', algorithm_type: 'dpmsolver++' };
const TWO_M_SDE = { ...TWO_M, algorithm_type: 'sde-dpmsolver++' };
const THIRD_ORDER = { solver_order: 3, predict_x0: true, lower_order_final: true };

/** How noise levels may be spaced besides a sampler's own way: the part after a preset's last underscore. */
const SPACINGS = {
  karras: { title: 'Karras', overrides: respaced('use_karras_sigmas') },
  exponential: { title: 'exponential', overrides: respaced('use_exponential_sigmas') },
  beta: { title: 'beta', overrides: respaced('use_beta_sigmas') },
  sgm_uniform: { title: 'SGM uniform', overrides: { ...respaced(), timestep_spacing: 'trailing' } },
} as const;

/** The preset that is no preset: the model's own configuration as it is. */
export const DEFAULT_PRESET = 'default';

/** Every preset by name, in the order to show them. docs/schedulers.md says what each is, and how ComfyUI and A1111 differ. */
export const SCHEDULER_PRESETS: Readonly<Record<string, SchedulerPreset>> = {
  ddim: preset('DDIM', 'DDIMScheduler'),
  ddim_inverse: preset('DDIM inverse', 'DDIMInverseScheduler'),
  ddpm: preset('DDPM', 'DDPMScheduler'),
  pndm: preset('PNDM (PLMS)', 'PNDMScheduler'),
  plms: preset('PLMS', 'PNDMScheduler', { skip_prk_steps: true }),
  ...spaced('euler', preset('Euler', 'EulerDiscreteScheduler')),
  euler_ancestral: preset('Euler ancestral', 'EulerAncestralDiscreteScheduler'),
  ...spaced('heun', preset('Heun', 'HeunDiscreteScheduler')),
  ...spaced('lms', preset('LMS', 'LMSDiscreteScheduler')),
  ...spaced('dpm_2', preset('DPM2', 'KDPM2DiscreteScheduler')),
  ...spaced('dpm_2_ancestral', preset('DPM2 ancestral', 'KDPM2AncestralDiscreteScheduler')),
  ...spaced('dpmpp_2s_ancestral', preset('DPM++ 2S ancestral', 'DPMSolver2SAncestralScheduler')),
  ...spaced('dpmpp_sde', preset('DPM++ SDE', 'DPMSolverSDEScheduler')),
  ...spaced('dpmpp_2m', preset('DPM++ 2M', DPM_MULTISTEP, TWO_M)),
  ...spaced('dpmpp_2m_sde', preset('DPM++ 2M SDE', DPM_MULTISTEP, TWO_M_SDE)),
  ...spaced('dpmpp_2m_sde_heun', preset('DPM++ 2M SDE Heun', DPM_MULTISTEP, { ...TWO_M_SDE, solver_type: 'heun' })),
  ...spaced('dpmpp_3m_sde', preset('DPM++ 3M SDE', DPM_MULTISTEP, { ...TWO_M_SDE, solver_order: 3 })),
  ...spaced('dpmpp_2s', preset('DPM++ 2S', 'DPMSolverSinglestepScheduler', TWO_M), false),
  ...spaced('deis', preset('DEIS', 'DEISMultistepScheduler')),
  ...spaced('ipndm', preset('IPNDM', 'IPNDMSigmaScheduler')),
  ...spaced('unipc', preset('UniPC', UNIPC)),
  ...spaced('uni_pc', preset('UniPC bh1', UNIPC, { ...THIRD_ORDER, solver_type: 'bh1', final_sigmas_type: 'sigma_min' })),
  ...spaced('uni_pc_bh2', preset('UniPC bh2', UNIPC, { ...THIRD_ORDER, solver_type: 'bh2' })),
  ...spaced('sa_solver', preset('SA-Solver', 'SASolverScheduler', { algorithm_type: 'data_prediction' })),
  lcm: preset('LCM', 'LCMScheduler'),
  tcd: preset('TCD', 'TCDScheduler'),
  edm_euler: preset('EDM Euler', 'EDMEulerScheduler'),
  edm_dpmpp_2m: preset('EDM DPM++ 2M', 'EDMDPMSolverMultistepScheduler', TWO_M),
  edm_dpmpp_2m_sde: preset('EDM DPM++ 2M SDE', 'EDMDPMSolverMultistepScheduler', TWO_M_SDE),
  flow_euler: preset('Flow-match Euler', 'FlowMatchEulerDiscreteScheduler'),
  flow_heun: preset('Flow-match Heun', 'FlowMatchHeunDiscreteScheduler'),
};

/** True for a preset, and for the one that is none. */
export function isPresetName(name: string): boolean {
  return name === DEFAULT_PRESET || Object.hasOwn(SCHEDULER_PRESETS, name);
}

function preset(title: string, className: string, overrides: SchedulerPreset['overrides'] = {}): SchedulerPreset {
  return { title, className, overrides };
}

/** A sampler as it is and under every spacing; not every class has timestep spacings. */
function spaced(name: string, base: SchedulerPreset, hasTimestepSpacing = true): Record<string, SchedulerPreset> {
  const all: Record<string, SchedulerPreset> = { [name]: base };
  for (const [spacing, { title, overrides }] of Object.entries(SPACINGS)) {
    if (spacing === 'sgm_uniform' && !hasTimestepSpacing) continue;
    all[`${name}_${spacing}`] = preset(`${base.title} ${title}`, base.className, { ...base.overrides, ...overrides });
  }
  return all;
}

/** One spacing on and the others, which a model's file may have on, off. */
function respaced(one?: 'use_karras_sigmas' | 'use_exponential_sigmas' | 'use_beta_sigmas') {
  const off = { use_karras_sigmas: false, use_exponential_sigmas: false, use_beta_sigmas: false };
  return one === undefined ? off : { ...off, [one]: true };
}
