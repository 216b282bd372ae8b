import { type Tensor, tensor } from '../nodes/tensor.ts';

/** Pictures float32 NCHW [batch, channels, height, width] whose values in 0…1 all differ from their neighbours'. */
export function gradientPicture(batch: number, channels: number, height: number, width: number): Tensor {
  const data = Float32Array.from({ length: batch * channels * height * width }, (_, at) => ((at * 37 + 11) % 256) / 255);
  return tensor(data, [batch, channels, height, width]);
}
