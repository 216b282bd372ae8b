import { Tensor as OrtTensor } from 'onnxruntime-node';
import { downResidualName } from '../../models/architectures/unet-2d-condition.ts';
import type { SkipShape } from '../../models/architectures/unet-encoder.ts';
import type { ControlResiduals } from '../../nodes/context.ts';
import { type Tensor, zeros } from '../../nodes/tensor.ts';

/**
 * What the residual inputs of a U-Net with these feature maps are given: what ControlNets add, or zeros where nothing is added. A graph
 * with such inputs wants them in every call, and one that is opened beside it for the calls without would cost its memory again.
 */
export function residualFeeds(
  residuals: ControlResiduals | undefined,
  shapes: readonly SkipShape[],
  rows: number,
): Record<string, OrtTensor> {
  const nothing = ({ channels, height, width }: SkipShape): Tensor => zeros([rows, channels, height, width]);
  const feeds: Record<string, OrtTensor> = {};
  const feed = (name: string, { data, shape }: Tensor): void => {
    feeds[name] = new OrtTensor('float32', data, [...shape]);
  };
  for (const [index, shape] of shapes.entries()) feed(downResidualName(index), residuals?.down[index] ?? nothing(shape));
  // The middle block keeps the size of the deepest maps.
  const deepest = shapes.at(-1);
  if (deepest !== undefined) feed('mid_block_additional_residual', residuals?.mid ?? nothing(deepest));
  return feeds;
}
