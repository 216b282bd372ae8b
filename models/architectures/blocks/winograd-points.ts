import { type Matrix, zeroMatrix } from '../../onnx/matrix.ts';

/**
 * Winograd's minimal filtering F(m, 3) along one axis (Lavin and Gray 2015, Fast Algorithms for Convolutional Neural Networks): m + 2
 * products give m outputs of three taps, where 3 m were needed. A tile of m + 2 inputs d and the taps g give the m outputs
 * Aᵀ ((G g) ⊙ (Bᵀ d)), which are polynomials multiplied by their values at m + 2 points.
 */
export interface WinogradPoints {
  /** m. */
  readonly outputs: number;
  /** m + 2. */
  readonly points: number;
  /** Bᵀ: for every point, what the inputs of a tile count. */
  readonly fromInputs: readonly (readonly number[])[];
  /** G: for every point, what the taps count. */
  readonly fromTaps: readonly (readonly number[])[];
  /** A: for every point, what it counts in the outputs. */
  readonly toOutputs: readonly (readonly number[])[];
}

/** Taps of a kernel along an axis. */
const TAPS = 3;

/** The minimal filtering with these points and infinity, by way of Lagrange's polynomials. */
export function winogradPoints(finite: readonly number[]): WinogradPoints {
  const points = finite.length + 1;
  const outputs = points - TAPS + 1;
  const others = finite.map((_, index) => finite.filter((__, at) => at !== index));
  const distances = finite.map((point, index) => product((others[index] ?? []).map((other) => point - other)));
  const powers = (point: number, count: number): number[] => Array.from({ length: count }, (_, power) => point ** power);
  const last = (count: number): number[] => Array.from({ length: count }, (_, power) => (power === count - 1 ? 1 : 0));
  return {
    outputs,
    points,
    fromInputs: [...others.map((roots) => [...polynomial(roots), 0]), polynomial(finite)],
    fromTaps: [...finite.map((point, index) => powers(point, TAPS).map((power) => power / (distances[index] ?? 1))), last(TAPS)],
    toOutputs: [...finite.map((point) => powers(point, outputs)), last(outputs)],
  };
}

/** Outputs `from` … `to` of an axis, worked off by themselves. */
export interface AxisPiece {
  readonly from: number;
  readonly to: number;
  /** The inputs that they look at, without the zeros around the picture: `first` … `end`, each of which counts for `repeats` neighbours. */
  readonly first: number;
  readonly end: number;
  readonly repeats: number;
  /** How many tiles cover them; the last may reach beyond. */
  readonly tiles: number;
}

/**
 * An axis of `length` cells, every `repeats` of which are one input, in pieces of at most `longest`. But for the last they are a whole
 * number of tiles.
 */
export function piecesOf({ outputs }: WinogradPoints, length: number, longest: number, repeats = 1): AxisPiece[] {
  const count = Math.ceil(length / longest);
  const step = Math.ceil(length / count / outputs) * outputs;
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => {
    const [from, to] = [index * step, Math.min(length, (index + 1) * step)];
    const first = Math.floor(Math.max(0, from - 1) / repeats);
    const end = Math.ceil(Math.min(length, to + 1) / repeats);
    return { from, to, first, end, repeats, tiles: Math.ceil((to - from) / outputs) };
  });
}

/** float32 [points · tiles, inputs of the piece]: Bᵀ for every tile, by point and then by tile. Zeros around the picture take no column. */
export function inputMatrix({ outputs, fromInputs }: WinogradPoints, { from, first, end, repeats, tiles }: AxisPiece): Matrix {
  const matrix = zeroMatrix(fromInputs.length * tiles, end - first);
  for (const [point, factors] of fromInputs.entries()) {
    for (let tile = 0; tile < tiles; tile++) {
      for (const [at, factor] of factors.entries()) {
        const column = Math.floor((from - 1 + outputs * tile + at) / repeats) - first;
        const place = (point * tiles + tile) * matrix.columns + column;
        if (column >= 0 && column < matrix.columns) matrix.values[place] = (matrix.values[place] ?? 0) + factor;
      }
    }
  }
  return matrix;
}

/** float32 [outputs of the piece, points · tiles]: Aᵀ for every tile. */
export function outputMatrix({ outputs, toOutputs }: WinogradPoints, { from, to, tiles }: AxisPiece): Matrix {
  const matrix = zeroMatrix(to - from, toOutputs.length * tiles);
  for (const [point, factors] of toOutputs.entries()) {
    for (let row = 0; row < matrix.rows; row++) {
      const tile = Math.floor(row / outputs);
      matrix.values[row * matrix.columns + point * tiles + tile] = factors[row % outputs] ?? 0;
    }
  }
  return matrix;
}

/** Coefficients of Π (x − root), the constant first. */
function polynomial(roots: readonly number[]): number[] {
  let factors = [1];
  for (const root of roots) factors = [0, ...factors].map((lower, power) => lower - root * (factors[power] ?? 0));
  return factors;
}

function product(factors: readonly number[]): number {
  return factors.reduce((all, factor) => all * factor, 1);
}
