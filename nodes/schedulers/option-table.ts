import { fail, ok, type Result } from '../problem.ts';

/** One configuration key of a scheduler class: its default, what it accepts in words, and how a JSON value is read. */
export interface OptionSpec<V> {
  readonly default: V;
  /** The end of a sentence: "must be …". */
  readonly wanted: string;
  /** The value, or undefined when it is refused. */
  read(value: unknown): V | undefined;
}

/** A class's options by diffusers' key. */
export type OptionTable = Readonly<Record<string, OptionSpec<unknown>>>;

/** What a table's options come out as. */
export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]: T[K] extends OptionSpec<infer V> ? V : never };

/** A finite or infinite number; JSON has no infinities, so their names in text count. */
export function number(initial: number): OptionSpec<number> {
  return { default: initial, wanted: 'a number', read: readNumber };
}

/** A number, or null for "not set". */
export function optionalNumber(): OptionSpec<number | null> {
  return { default: null, wanted: 'a number or null', read: (value) => (value === null ? null : readNumber(value)) };
}

/** A whole number within limits. */
export function integer(initial: number, min: number, max = Number.MAX_SAFE_INTEGER): OptionSpec<number> {
  const wanted = max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`;
  return { default: initial, wanted, read: (value) => (isWhole(value) && value >= min && value <= max ? value : undefined) };
}

/** A whole number, or null for "not set". */
export function optionalInteger(): OptionSpec<number | null> {
  return { default: null, wanted: 'a whole number or null', read: (value) => (value === null || isWhole(value) ? value : undefined) };
}

/** true or false. */
export function flag(initial: boolean): OptionSpec<boolean> {
  return { default: initial, wanted: 'true or false', read: (value) => (typeof value === 'boolean' ? value : undefined) };
}

/** One of some names; `aliases` are names of other classes that diffusers turns into one of these. */
export function choice<const V extends string>(
  initial: NoInfer<V>,
  values: readonly V[],
  aliases: Readonly<Record<string, NoInfer<V>>> = {},
): OptionSpec<V> {
  return {
    default: initial,
    wanted: `one of ${values.join(', ')}`,
    read: (value) => values.find((one) => one === value) ?? (typeof value === 'string' ? own(aliases, value) : undefined),
  };
}

/** One of some names, or null. */
export function optionalChoice<const V extends string>(values: readonly V[]): OptionSpec<V | null> {
  return {
    default: null,
    wanted: `one of ${values.join(', ')}, or null`,
    read: (value) => (value === null ? null : values.find((one) => one === value)),
  };
}

/** A list of numbers, or null. */
export function optionalNumbers(): OptionSpec<readonly number[] | null> {
  return {
    default: null,
    wanted: 'a list of numbers or null',
    read: (value) => {
      if (value === null) return null;
      return Array.isArray(value) && value.length > 0 && value.every((one) => Number.isFinite(one)) ? value : undefined;
    },
  };
}

/** A list of whole numbers. */
export function integers(): OptionSpec<readonly number[]> {
  return {
    default: [],
    wanted: 'a list of whole numbers',
    read: (value) => (Array.isArray(value) && value.every(isWhole) ? value : undefined),
  };
}

/** A key that diffusers has but that can only be left empty in a file. */
export function empty(): OptionSpec<null> {
  return {
    default: null,
    wanted: 'null: objects of Python cannot be read from a file',
    read: (value) => (value === null ? null : undefined),
  };
}

/**
 * Reads a class's options out of a configuration: keys that are missing get the class's own defaults, keys of other diffusers
 * classes are passed over as diffusers does, anything else is refused by name.
 */
export function readOptions<T extends OptionTable>(
  className: string,
  table: T,
  config: Readonly<Record<string, unknown>>,
): Result<OptionValues<T>> {
  for (const key of Object.keys(config)) {
    if (key.startsWith('_') || Object.hasOwn(table, key) || KNOWN_KEYS.has(key)) continue;
    const known = Object.keys(table).join(', ');
    return fail('scheduler.option', `${className} has no option "${key.slice(0, 60)}". Its options are ${known}.`, { path: key });
  }
  const values: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries(table)) {
    const given = Object.hasOwn(config, key) ? config[key] : spec.default;
    const value = spec.read(given);
    if (value === undefined) return refuseOption(className, key, spec.wanted, given);
    values[key] = value;
  }
  // Each key of the table was read by its own spec above, which is what OptionValues says.
  return ok(values as OptionValues<T>);
}

/** True for every key that some scheduler class of diffusers has. */
export function isKnownOption(key: string): boolean {
  return KNOWN_KEYS.has(key);
}

/** The problem of an option that cannot be what it is. */
export function refuseOption(className: string, key: string, wanted: string, given: unknown): Result<never> {
  return fail('scheduler.option', `${className}'s option "${key}" must be ${wanted}, and is ${showValue(given)}.`, { path: key });
}

/** The problem of options that contradict one another. */
export function refuseTogether(className: string, key: string, reason: string): Result<never> {
  return fail('scheduler.option', `${className} cannot work with these options together: ${reason}.`, { path: key });
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  return value === '-Infinity' ? Number.NEGATIVE_INFINITY : undefined;
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function own<V>(record: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function showValue(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Keys of diffusers' scheduler classes, and two that very old files have: what a file may carry for another class. */
const KNOWN_KEYS: ReadonlySet<string> = new Set(
  (
    'algorithm_type base_image_seq_len base_shift beta_end beta_schedule beta_start clip_denoised clip_sample clip_sample_range ' +
    'correct_steps corrector_order disable_corrector dynamic_thresholding_ratio eta euler_at_final final_sigmas_type flow_shift ' +
    'interpolation_type invert_sigmas lambda_min_clipped lower_order_final max_image_seq_len max_shift noise_sampler_seed ' +
    'num_train_timesteps original_inference_steps predict_x0 prediction_type predictor_order rescale_betas_zero_snr rho s_churn ' +
    's_max s_min s_noise sample_max_value sampling_eps set_alpha_to_one shift shift_terminal sigma_data sigma_max sigma_min ' +
    'sigma_schedule skip_prk_steps snr snr_shift_scale solver_order solver_p solver_type steps_offset stochastic_sampling tau_func ' +
    'tensor_format thresholding time_shift_type timestep_scaling timestep_spacing timestep_type timestep_values trained_betas ' +
    'use_beta_sigmas use_dynamic_shifting use_exponential_sigmas use_flow_sigmas use_karras_sigmas use_lu_lambdas variance_type'
  ).split(' '),
);
