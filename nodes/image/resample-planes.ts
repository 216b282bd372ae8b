import { sizeAt, type Tensor, tensor } from '../tensor.ts';
import { createResampler, type PixelSize, type ResampleKernel, type SourceBox } from './resample.ts';

/** Every plane of a float32 NCHW tensor in another size, as `createResampler` has it: nothing is clipped. */
export function resamplePlanes(value: Tensor, to: PixelSize, kernel: ResampleKernel, box?: SourceBox): Tensor {
  const [batch, channels, height, width] = [sizeAt(value, 0), sizeAt(value, 1), sizeAt(value, 2), sizeAt(value, 3)];
  const resample = createResampler({ width, height }, to, kernel, box);
  const [size, grown] = [width * height, to.width * to.height];
  const data = new Float32Array(batch * channels * grown);
  for (let plane = 0; plane < batch * channels; plane++) {
    data.set(resample(value.data.subarray(plane * size, (plane + 1) * size)), plane * grown);
  }
  return tensor(data, [batch, channels, to.height, to.width]);
}
