import { elementCount } from '../../nodes/tensor.ts';
import type { TensorSource } from '../weights.ts';
import { type Factors, isFactors, type LoraModule } from './lora-module.ts';

/**
 * Why a change does not fit a layer with weights [out, in] or [out, in, kernel height, kernel width], as the middle of a sentence
 * ("matrices of shape [4, 768] and [320, 4]"); undefined where it fits.
 */
export function explainMisfit({ formula, magnitude }: LoraModule, shape: readonly number[]): string | undefined {
  const [out = 0, inner = 0, ...kernel] = shape;
  if (magnitude !== undefined && elementCount(magnitude.source.shape) !== (magnitude.axis === 'rows' ? out : inner)) {
    return `magnitudes of shape ${show([magnitude.source])}`;
  }
  switch (formula.kind) {
    case 'lora': {
      const { down, up, mid } = formula;
      const rank = down.shape[0] ?? 0;
      const upRank = up.shape[1] ?? 0;
      const isRight =
        mid === undefined
          ? isShape(down, [rank, inner, ...kernel]) && isShape(up, [out, rank])
          : kernel.length === 2 && isShape(down, [rank, inner]) && isShape(mid, [upRank, rank, ...kernel]) && isShape(up, [out, upRank]);
      return isRight ? undefined : `matrices of shape ${show(mid === undefined ? [down, up] : [down, mid, up])}`;
    }
    case 'loha': {
      const wanted = { out, inner, kernel };
      const fits = [formula.first, formula.second].every((factors) => areFactorsOf(factors, wanted));
      return fits ? undefined : `matrices of shape ${show(tensorsOf(formula.first))} and ${show(tensorsOf(formula.second))}`;
    }
    case 'lokr': {
      const [first, second] = [sizesOf(formula.first), sizesOf(formula.second)];
      const fits =
        first !== undefined &&
        second !== undefined &&
        first.out * second.out === out &&
        first.inner * second.inner === inner * elementCount(kernel) &&
        (second.kernel.length === 0 || second.kernel.join() === kernel.join());
      return fits ? undefined : `matrices of shape ${show(tensorsOf(formula.first))} and ${show(tensorsOf(formula.second))}`;
    }
    default:
      return formula satisfies never;
  }
}

/** Sizes of a matrix by its tensors: columns are counted with the kernel. Undefined where they contradict each other. */
export function sizesOf(
  matrix: TensorSource | Factors,
): { readonly out: number; readonly inner: number; readonly kernel: readonly number[] } | undefined {
  if (!isFactors(matrix)) {
    const [out = 1, ...rest] = matrix.shape;
    return { out, inner: elementCount(rest), kernel: rest.length === 3 ? rest.slice(1) : [] };
  }
  const { a, b, core } = matrix;
  const inner = elementCount(b.shape.slice(1));
  if (core === undefined) {
    const [out = 1, rank] = a.shape;
    return rank === b.shape[0] ? { out, inner, kernel: [] } : undefined;
  }
  const [rank, out = 1] = a.shape;
  const [coreRows, coreColumns, ...kernel] = core.shape;
  if (coreRows !== rank || coreColumns !== b.shape[0]) return undefined;
  return { out, inner: inner * elementCount(kernel), kernel };
}

function areFactorsOf(factors: Factors, wanted: { out: number; inner: number; kernel: readonly number[] }): boolean {
  const found = sizesOf(factors);
  return found !== undefined && found.out === wanted.out && found.inner === wanted.inner * elementCount(wanted.kernel);
}

function tensorsOf(matrix: TensorSource | Factors): TensorSource[] {
  if (!isFactors(matrix)) return [matrix];
  return matrix.core === undefined ? [matrix.a, matrix.b] : [matrix.a, matrix.core, matrix.b];
}

/** Axes of size one do not count: a 1×1 convolution has the matrices of a linear layer. */
function isShape({ shape }: TensorSource, wanted: readonly number[]): boolean {
  return withoutOnes(shape).join() === withoutOnes(wanted).join();
}

function withoutOnes(shape: readonly number[]): number[] {
  return shape.filter((size) => size !== 1);
}

function show(tensors: readonly TensorSource[]): string {
  return tensors.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
}
