import { elementCount, type Tensor, tensor } from '../nodes/tensor.ts';

/** Numbers that look random and are the same every time, from −scale to scale. */
export function waves(shape: readonly number[], step: number, scale = 1): Tensor {
  const data = Float32Array.from({ length: elementCount(shape) }, (_, at) => scale * Math.sin(step * (at + 1) * (1 + (at % 97))));
  return tensor(data, shape);
}
