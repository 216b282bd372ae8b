import type { Value } from '../../onnx/graph.ts';
import { matMul, transpose } from '../../onnx/operators.ts';
import type { Network } from './network.ts';

/** x Wᵀ, or x W where the weight lies `transposed`, in the form that the device has. */
export function multiplyByWeight({ graph, device }: Network, path: string, x: Value, weight: Value, transposed: boolean): Value {
  if (device === 'cpu' && !transposed) {
    return graph.node('FusedMatMul', [x, weight], path, { domain: 'com.microsoft', attributes: { transB: 1 } });
  }
  const matrix = transposed ? weight : transpose(graph, `${path}.weight/transposed`, weight, [1, 0]);
  return matMul(graph, path, x, matrix);
}
