import { fail, ok, type Result } from '../problem.ts';
import { roundHalfEven } from '../schedulers/linspace.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';

/** Between which shares of the noise schedule a loop denoises: 0 is pure noise, 1 the clean picture. */
export interface DenoisingShares {
  readonly start: number;
  readonly end: number;
}

/** What says which part of a schedule is run. */
export interface PartRequest {
  readonly steps: number;
  readonly strength: number;
  /** Left out: all of it. */
  readonly denoising?: DenoisingShares;
}

/** Which calls of a schedule are made. */
export interface SchedulePart {
  /** The index of the first one. */
  readonly begin: number;
  /** The index after the last one. */
  readonly end: number;
  /** How many steps there are from the first on to the end of the schedule. */
  readonly steps: number;
}

/** Why shares do not go with each other or with a strength, and whose fault it is; undefined where they do. */
export function refuseShares(
  { start, end }: DenoisingShares,
  strength: number | undefined,
): { readonly socket: 'denoisingStart' | 'strength'; readonly message: string } | undefined {
  if (start >= end) {
    const message = `Denoise from is ${start} and Denoise until is ${end}, between which there is nothing to run. Set Denoise until above Denoise from.`;
    return { socket: 'denoisingStart', message };
  }
  if (start > 0 && strength !== undefined && strength !== 1) {
    const message = `Strength is ${strength} and Denoise from is ${start}, and only one of them can say where to begin. Set Strength to 1 for a latent that comes with its noise, or Denoise from to 0 for a picture that noise is added to.`;
    return { socket: 'strength', message };
  }
  return undefined;
}

/**
 * The part of a schedule that image-to-image (diffusers' `get_timesteps`) or a division between several models (its `denoising_start` and
 * `denoising_end`) leaves. `isEmpty`: the latent is a blank canvas.
 */
export function findPart(request: PartRequest, scheduler: Scheduler, isEmpty: boolean): Result<SchedulePart> {
  const { steps, strength, denoising = { start: 0, end: 1 } } = request;
  const refused = refuseShares(denoising, strength);
  if (refused !== undefined) return fail('node.invalidInput', refused.message, { socket: refused.socket });
  const begin =
    denoising.start > 0 ? beginByShare(denoising.start, scheduler, isEmpty) : beginByStrength(steps, strength, scheduler, isEmpty);
  if (!begin.ok) return begin;
  const end = begin.value + countUntil(denoising.end, scheduler, begin.value);
  if (end === begin.value) {
    const { start, end: until } = denoising;
    const message = `Between Denoise from ${start} and Denoise until ${until}, none of ${steps} steps is left to run. Move them apart, or raise Steps.`;
    return fail('node.invalidInput', message, { socket: start > 0 ? 'denoisingStart' : 'denoisingEnd' });
  }
  return ok({ begin: begin.value, end, steps: Math.max(1, steps - begin.value / scheduler.order) });
}

/** Image-to-image leaves out the noisiest steps. */
function beginByStrength(steps: number, strength: number, scheduler: Scheduler, isEmpty: boolean): Result<number> {
  if (strength === 1) return ok(0);
  if (isEmpty) {
    return fail(
      'node.invalidInput',
      `Strength is ${strength}, and the latent is empty: there is nothing to keep. Set Strength to 1, or encode a picture.`,
      {
        socket: 'strength',
      },
    );
  }
  const kept = Math.min(Math.trunc(steps * strength), steps);
  if (kept < 1) {
    return fail('node.invalidInput', `With Strength ${strength}, none of ${steps} steps is left to run. Raise Strength or Steps.`, {
      socket: 'strength',
    });
  }
  return ok((steps - kept) * scheduler.order);
}

/** What is below the timestep of the share is run; of steps with two calls, never the second alone. */
function beginByShare(start: number, scheduler: Scheduler, isEmpty: boolean): Result<number> {
  if (isEmpty) {
    return fail(
      'node.invalidInput',
      `Denoise from is ${start}, and the latent is empty: there is nothing to go on with. Set Denoise from to 0, or wire the latent of a Sampler that stops there.`,
      { socket: 'denoisingStart' },
    );
  }
  const { timesteps, order } = scheduler;
  const boundary = timestepAt(start, scheduler);
  const below = timesteps.filter((timestep) => timestep < boundary).length;
  const whole = order === 2 && below % 2 === 0 ? below + 1 : below;
  return ok(timesteps.length - whole);
}

/** How many calls from `begin` on are above the timestep of the share. */
function countUntil(end: number, scheduler: Scheduler, begin: number): number {
  const left = scheduler.timesteps.slice(begin);
  if (end === 1) return left.length;
  const boundary = timestepAt(end, scheduler);
  return left.filter((timestep) => timestep >= boundary).length;
}

/** The timestep between what is denoised before a share and what after it. */
function timestepAt(share: number, { config }: Scheduler): number {
  const trained = Number(config['num_train_timesteps'] ?? 1000);
  return roundHalfEven(trained - share * trained);
}
