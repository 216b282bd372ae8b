import { divide, exponentialMinusOne, multiply, subtract } from './float32.ts';
import { solveFloat32 } from './solve-float32.ts';
import type { Level } from './solver-space.ts';

/** How UniPC is set up: the form of the outputs, and the function B(h) of equation 9. */
export interface UniPcForm {
  readonly predict_x0: boolean;
  readonly solver_type: 'bh1' | 'bh2';
}

/** A step as weights: of the sample it starts from and of the outputs, newest first. */
export interface UniPcWeights {
  readonly sample: number;
  readonly outputs: readonly number[];
}

/** UniP (algorithm 2): from level s to t with the outputs at s and at `earlier` levels, newest first. */
export function predictorWeights(form: UniPcForm, from: Level, to: Level, earlier: readonly Level[]): UniPcWeights {
  const { sample, newest, scale, ratios, matrix, right } = prepare(form, from, to, earlier);
  const order = earlier.length + 1;
  // Order two has a closed form that holds for every ratio (section 3.3).
  const rhos =
    order === 2
      ? [0.5]
      : solveFloat32(
          matrix.slice(0, -1).map((row) => row.slice(0, -1)),
          right.slice(0, -1),
        );
  return { sample, outputs: differences(newest, scale, rhos, ratios, 0) };
}

/** UniC (algorithm 1): the same step again, now that the output at t is known; `next` is its weight. */
export function correctorWeights(
  form: UniPcForm,
  from: Level,
  to: Level,
  earlier: readonly Level[],
): UniPcWeights & { readonly next: number } {
  const { sample, newest, scale, ratios, matrix, right } = prepare(form, from, to, earlier);
  const rhos = earlier.length === 0 ? [0.5] : solveFloat32(matrix, right);
  const last = rhos.at(-1) ?? 0;
  return { sample, outputs: differences(newest, scale, rhos.slice(0, -1), ratios, last), next: scale * last };
}

/** scale · Σ ρₖ (mₖ - m₀) / rₖ, gathered by output; `last` is ρ of the output at t, which also subtracts m₀. */
function differences(newest: number, scale: number, rhos: readonly number[], ratios: readonly number[], last: number): number[] {
  const others = rhos.map((rho, k) => (scale * rho) / (ratios[k] ?? Number.NaN));
  return [newest - others.reduce((sum, weight) => sum + weight, 0) - scale * last, ...others];
}

/** What predictor and corrector share: the linear part of the step and the system for ρ (equations 9 to 13). */
function prepare({ predict_x0: dataForm, solver_type: type }: UniPcForm, from: Level, to: Level, earlier: readonly Level[]) {
  const h = subtract(to.lambda, from.lambda);
  const ratios = [...earlier.map((level) => divide(subtract(level.lambda, from.lambda), h)), 1];
  const signed = dataForm ? -h : h;
  const growth = exponentialMinusOne(signed);
  const base = type === 'bh1' ? signed : growth;
  const target = dataForm ? to.alpha : to.sigma;
  const matrix: number[][] = [];
  const right: number[] = [];
  let phi = subtract(divide(growth, signed), 1);
  let factorial = 1;
  for (let i = 1; i <= ratios.length; i++) {
    matrix.push(ratios.map((ratio) => Math.fround(ratio ** (i - 1))));
    right.push(divide(multiply(phi, factorial), base));
    factorial *= i + 1;
    phi = subtract(divide(phi, signed), 1 / factorial);
  }
  return {
    sample: dataForm ? divide(to.sigma, from.sigma) : divide(to.alpha, from.alpha),
    newest: -multiply(target, growth),
    scale: -multiply(target, base),
    ratios,
    matrix,
    right,
  };
}
