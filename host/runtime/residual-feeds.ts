import { Tensor as OrtTensor } from 'onnxruntime-node';
import { downResidualName, featureInputName } from '../../models/architectures/unet-2d-condition.ts';
import type { Unet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import { featureShapes, type LatentSize, type SkipShape, skipShapes } from '../../models/architectures/unet-encoder.ts';
import type { ControlKinds, ControlResiduals } from '../../nodes/context.ts';
import { type Tensor, zeros } from '../../nodes/tensor.ts';

/** The inputs of a U-Net for what is added inside of it, with their sizes. */
export type ResidualInputs = readonly {
  readonly name: string;
  readonly shape: SkipShape;
  read(given: ControlResiduals): Tensor | undefined;
}[];

/** The inputs that a U-Net built for these kinds has. */
export function residualInputs(config: Unet2dConditionConfig, size: LatentSize, { residuals, features }: ControlKinds): ResidualInputs {
  const skips = residuals ? skipShapes(config, size) : [];
  // The middle block keeps the size of the deepest maps.
  const middle = skips
    .slice(-1)
    .map((shape) => ({ name: 'mid_block_additional_residual', shape, read: ({ mid }: ControlResiduals) => mid }));
  return [
    ...skips.map((shape, index) => ({ name: downResidualName(index), shape, read: ({ down }: ControlResiduals) => down?.[index] })),
    ...middle,
    ...(features ? featureShapes(config, size) : []).map((shape, index) => ({
      name: featureInputName(index),
      shape,
      read: (given: ControlResiduals) => given.features?.[index],
    })),
  ];
}

/**
 * What those inputs are given: what ControlNets and T2I-Adapters add, or zeros where nothing is added. A graph with such inputs wants
 * them in every call, and one that is opened beside it for the calls without would cost its memory again.
 */
export function residualFeeds(given: ControlResiduals | undefined, inputs: ResidualInputs, rows: number): Record<string, OrtTensor> {
  const feeds: Record<string, OrtTensor> = {};
  for (const { name, shape, read } of inputs) {
    const { channels, height, width } = shape;
    const value = (given === undefined ? undefined : read(given)) ?? zeros([rows, channels, height, width]);
    feeds[name] = new OrtTensor('float32', value.data, [...value.shape]);
  }
  return feeds;
}
