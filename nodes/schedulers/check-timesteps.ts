import { fail, ok, type Result } from '../problem.ts';

/** What a request says of its own timesteps. */
interface TimestepsRequest {
  readonly steps: number;
  readonly timesteps?: readonly number[];
}

const RESPACINGS = ['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas', 'use_lu_lambdas', 'use_flow_sigmas'];

/** Refuses given timesteps where a class takes none, where options would move them, and where they do not fall within the schedule. */
export function checkTimesteps(
  className: string,
  taken: boolean,
  { steps, timesteps }: TimestepsRequest,
  options: Readonly<Record<string, unknown>>,
): Result<undefined> {
  if (timesteps === undefined) return ok(undefined);
  if (!taken)
    return refuse(`${className} spaces its timesteps itself and takes none as given; choose another scheduler or a number of steps.`);
  const moved =
    RESPACINGS.find((key) => options[key] === true) ?? (options['timestep_type'] === 'continuous' ? 'timestep_type' : undefined);
  if (moved !== undefined) return refuse(`${className} cannot take timesteps as given together with ${moved}, which says where they lie.`);
  const last = Number(options['num_train_timesteps'] ?? 1000) - 1;
  const fit = timesteps.every(
    (value, i) => Number.isSafeInteger(value) && value >= 0 && value <= last && !(value >= (timesteps[i - 1] ?? Infinity)),
  );
  if (fit && timesteps.length === steps) return ok(undefined);
  return refuse(
    `The timesteps must be ${steps} falling whole numbers from ${last} to 0, and are ${timesteps.slice(0, 12).join(', ')}${timesteps.length > 12 ? ' …' : ''}.`,
  );
}

function refuse(message: string): Result<never> {
  return fail('scheduler.option', message, { path: 'timesteps' });
}
