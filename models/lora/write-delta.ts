import { elementCount } from '../../nodes/tensor.ts';
import type { Value } from '../onnx/graph.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { matMul, multiply, reshape, transpose, unsqueeze } from '../onnx/operators.ts';
import type { WeightBinder } from '../onnx/weight-binder.ts';
import type { TensorSource } from '../weights.ts';
import { sizesOf } from './explain-misfit.ts';
import { type Factors, isFactors, type LoraFormula } from './lora-module.ts';

/** A graph that is being written, and the way to weights. */
export interface DeltaGraph {
  readonly graph: GraphBuilder;
  readonly weights: WeightBinder;
}

/**
 * What a formula adds to a layer's weights, before its scale: float32 [out, in · kernel]. It is worked out in the graph, because it would
 * take as much memory as the layer itself.
 */
export function writeDelta(to: DeltaGraph, path: string, formula: LoraFormula): Value {
  const { graph } = to;
  switch (formula.kind) {
    case 'lora': {
      const { down, up, mid } = formula;
      if (mid === undefined) return writeMatrix(to, path, { a: up, b: down });
      const [ranks = 1] = mid.shape;
      const rows = transpose(graph, `${path}.up/turned`, bindFlat(to, `${path}.up`, up), [1, 0]);
      return writeTucker(to, path, mid, rows, bindFlat(to, `${path}.down`, down), ranks);
    }
    case 'loha':
      return multiply(
        graph,
        `${path}/product`,
        writeMatrix(to, `${path}.first`, formula.first),
        writeMatrix(to, `${path}.second`, formula.second),
      );
    case 'lokr':
      return writeKronecker(to, path, formula);
    default:
      return formula satisfies never;
  }
}

/** Every product of an entry of the first and one of the second, the second's block by block: [a · c, b · d] of [a, b] and [c, d]. */
function writeKronecker(to: DeltaGraph, path: string, { first, second }: Extract<LoraFormula, { kind: 'lokr' }>): Value {
  const { graph } = to;
  const outer = unsqueeze(graph, `${path}.first/blocks`, writeMatrix(to, `${path}.first`, first), [1, 3]);
  const inner = unsqueeze(graph, `${path}.second/blocks`, writeMatrix(to, `${path}.second`, second), [0, 2]);
  const rows = (sizesOf(first)?.out ?? 1) * (sizesOf(second)?.out ?? 1);
  return reshape(graph, `${path}/product`, multiply(graph, `${path}/blocks`, outer, inner), [rows, -1]);
}

function writeMatrix(to: DeltaGraph, path: string, matrix: TensorSource | Factors): Value {
  if (!isFactors(matrix)) return bindFlat(to, path, matrix);
  const [a, b] = [bindFlat(to, `${path}.a`, matrix.a), bindFlat(to, `${path}.b`, matrix.b)];
  if (matrix.core === undefined) return matMul(to.graph, path, a, b);
  return writeTucker(to, path, matrix.core, a, b, matrix.core.shape[0] ?? 1);
}

/** `core` [i, j, kernel], `a` [i, out] and `b` [j, in] to [out, in · kernel]. */
function writeTucker(to: DeltaGraph, path: string, core: TensorSource, a: Value, b: Value, ranks: number): Value {
  const { graph, weights } = to;
  const [, columns = 1, ...kernel] = core.shape;
  const middle = weights.foreign(`${path}.core`, core, [ranks, columns, elementCount(kernel)]);
  const whole = graph.node('Einsum', [middle, a, b], `${path}/tucker`, { attributes: { equation: 'ijk,ip,jr->prk' } });
  return graph.node('Flatten', [whole], path, { attributes: { axis: 1 } });
}

/** A tensor as a matrix: its first axis, and all others as one. */
function bindFlat({ weights }: DeltaGraph, path: string, source: TensorSource): Value {
  const [rows = 1, ...rest] = source.shape;
  return weights.foreign(path, source, [rows, elementCount(rest)]);
}
