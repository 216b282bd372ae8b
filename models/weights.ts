import type { SafetensorsDtype } from './safetensors-header.ts';

/** Where one tensor's bytes lie in a file; nothing has been read. */
export interface TensorSource {
  /** Absolute path of the file, links resolved. */
  readonly path: string;
  readonly dtype: SafetensorsDtype;
  /** Row-major sizes as stored. */
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
  /** Two axes, stored as [in, out] where the architecture wants [out, in]: the graph turns it round. */
  readonly transposed?: boolean;
}

/**
 * A network's weights under the module names that diffusers and transformers give them (`down_blocks.0.resnets.0.norm1.weight`).
 * What a checkpoint stores fused (`in_proj_weight`) is offered as slices under those names; what differs only by axes of size one
 * (a 1×1 convolution for a linear layer) keeps the shape that it has.
 */
export interface WeightSource {
  /** Undefined where the source has no tensor of that name. */
  get(name: string): TensorSource | undefined;
  /** Every name there is, in the source's order. */
  names(): Iterable<string>;
}
