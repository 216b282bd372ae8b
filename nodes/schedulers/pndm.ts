/**
 * Pseudo numerical methods, Liu et al. 2022 (arXiv 2202.09778): linear multistep (equation 12) after a warm-up by Runge and
 * Kutta (equation 13), or after a doubled first step where `skip_prk_steps` is set, as Stable Diffusion has it.
 */
import { ok, type Result } from '../problem.ts';
import { adamsBashforth } from './adams-bashforth.ts';
import { type AlphaTable, alphaTable, requireInTable } from './alpha-table.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { add, divide, multiply, squareRoot, subtract } from './float32.ts';
import { combine } from './linear-combination.ts';
import { roundHalfEven } from './linspace.ts';
import { choice, flag, refuseTogether } from './option-table.ts';
import { mixOf, noiseFrom, originalFrom } from './predict.ts';
import { requireStepsInSchedule } from './require-steps.ts';
import type { SolverMemory } from './solver-memory.ts';
import { type SpacingOptions, spaceTimesteps } from './timesteps.ts';

/** Calls of a Runge-Kutta step, and such steps in the warm-up. */
const CALLS = 4;
const WARM_UP_STEPS = 3;

/** diffusers' PNDMScheduler. */
export const pndm = defineScheduler({
  className: 'PNDMScheduler',
  options: {
    ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
    ...spacingRows('leading'),
    skip_prk_steps: flag(false),
    set_alpha_to_one: flag(false),
    prediction_type: choice('epsilon', ['epsilon', 'v_prediction']),
  },
  create(options, { steps }, memory) {
    const schedule = pndmTimesteps(options, steps);
    if (!schedule.ok) return schedule;
    const alphas = alphasCumulative(options);
    const timesteps = requireInTable('PNDMScheduler', schedule.value, alphas.length);
    if (!timesteps.ok) return timesteps;
    const table = alphaTable(alphas, options.set_alpha_to_one ? 1 : (alphas[0] ?? 1));
    const at = (index: number): number => timesteps.value[index] ?? Number.NaN;
    const stride = Math.floor(options.num_train_timesteps / steps);
    return ok({
      timesteps: timesteps.value,
      initNoiseSigma: 1,
      step(modelOutput, index, sample) {
        const warmingUp = !options.skip_prk_steps && memory.calls < CALLS * WARM_UP_STEPS;
        const plan = warmingUp
          ? rungeKutta(memory, modelOutput, sample, at(index), at(memory.calls - (memory.calls % CALLS)), Math.floor(stride / 2))
          : linearMultistep(memory, modelOutput, sample, at(index), stride);
        return {
          sample: transfer(table, options.prediction_type, plan),
          predictedOriginal: originalFrom(options.prediction_type, mixOf(table.at(at(index))), modelOutput, sample),
        };
      },
      addNoise: (original, noise, index) => table.addNoise(original, noise, at(index)),
    });
  },
});

/** One move: from a sample at one timestep to another timestep along an averaged output. */
interface Move {
  readonly from: number;
  readonly to: number;
  readonly sample: Float32Array;
  readonly output: Float32Array;
}

function pndmTimesteps(options: SpacingOptions & { readonly skip_prk_steps: boolean }, steps: number): Result<readonly number[]> {
  const allowed = requireStepsInSchedule('PNDMScheduler', steps, options);
  if (!allowed.ok) return allowed;
  const falling = spaceTimesteps(options, steps).map(roundHalfEven);
  if (options.skip_prk_steps) return ok(falling.length > 1 ? [...falling.slice(0, 2), ...falling.slice(1)] : falling);
  if (steps < CALLS) {
    return refuseTogether(
      'PNDMScheduler',
      'skip_prk_steps',
      `without skip_prk_steps the Runge-Kutta warm-up needs ${CALLS} steps or more, not ${steps}`,
    );
  }
  // A Runge-Kutta step evaluates at its start, twice half-way and at its end, which is the next one's start.
  const half = Math.floor(Math.floor(options.num_train_timesteps / steps) / 2);
  const warmUp = falling.slice(0, WARM_UP_STEPS).flatMap((timestep, i) => {
    const end = falling[i + 1] ?? Number.NaN;
    return [timestep, end + half, end + half, end];
  });
  return ok([...warmUp, ...falling.slice(WARM_UP_STEPS)]);
}

/** Equation 13: outputs at the start, twice half-way and at the end, weighted 1, 2, 2, 1; only the fourth call moves on all of them. */
function rungeKutta(memory: SolverMemory, output: Float32Array, sample: Float32Array, given: number, from: number, half: number): Move {
  const call = memory.calls % CALLS;
  const to = given - (call % 2 === 0 ? half : 0);
  const start = call === 0 ? sample : (memory.sample ?? sample);
  memory.sample = start;
  if (call === 0) {
    memory.remember(output.slice(), CALLS);
    memory.partial = combine([1 / 6, output]);
    return { from, to, sample: start, output };
  }
  const sum = combine([call === 3 ? 1 / 6 : 1 / 3, output], ...(memory.partial ? [[1, memory.partial] as const] : []));
  memory.partial = call === 3 ? null : sum;
  return { from, to, sample: start, output: call === 3 ? sum : output };
}

/** Equation 12, with lower orders until four outputs are known. */
function linearMultistep(memory: SolverMemory, output: Float32Array, sample: Float32Array, given: number, stride: number): Move {
  if (memory.calls === 1) {
    // The second call is the first step again, with the mean of both outputs (Heun's method).
    const start = memory.sample ?? sample;
    memory.sample = null;
    const mean = combine([0.5, output], [0.5, memory.output(0)]);
    return { from: given + stride, to: given, sample: start, output: mean };
  }
  memory.remember(output.slice(), 4);
  if (memory.calls === 0) memory.sample = sample;
  return { from: given, to: given - stride, sample, output: adamsBashforth(memory) };
}

/** Equation 9: the transfer from one timestep to another along a fixed noise estimate. */
function transfer(table: AlphaTable, type: 'epsilon' | 'v_prediction', { from, to, sample, output }: Move): Float32Array {
  const product = table.at(from);
  const next = table.at(to);
  const noise = noiseFrom(type, mixOf(product), output, sample);
  const denominator = add(
    multiply(product, squareRoot(subtract(1, next))),
    squareRoot(multiply(multiply(product, subtract(1, product)), next)),
  );
  return combine([squareRoot(divide(next, product)), sample], [-subtract(next, product) / denominator, noise]);
}
