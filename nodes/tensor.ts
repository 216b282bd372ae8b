/** A dense, row-major float32 array with its shape. The only tensor that crosses sockets, processes and files. */
export interface Tensor {
  readonly dtype: 'float32';
  readonly shape: readonly number[];
  /** Length equals the product of `shape`. Treat as read-only: nodes never write into their inputs. */
  readonly data: Float32Array;
}

/** How many values a shape holds; the empty shape holds one. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** Wraps data and shape; a length that contradicts the shape is a bug and throws. */
export function tensor(data: Float32Array, shape: readonly number[]): Tensor {
  if (data.length !== elementCount(shape)) {
    throw new Error(`tensor of shape [${shape.join(', ')}] needs ${elementCount(shape)} values, got ${data.length}`);
  }
  return { dtype: 'float32', shape, data };
}

/** A tensor of zeros. */
export function zeros(shape: readonly number[]): Tensor {
  return tensor(new Float32Array(elementCount(shape)), shape);
}

/** One size of a tensor; asking for an axis that is not there is a bug and throws. */
export function sizeAt(value: Tensor, axis: number): number {
  const size = value.shape.at(axis);
  if (size === undefined) throw new Error(`tensor of shape [${value.shape.join(', ')}] has no axis ${axis}`);
  return size;
}

/** Joins tensors along axis 0; all other sizes must agree. */
export function concatBatch(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to join');
  const inner = first.shape.slice(1);
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let offset = 0;
  let batch = 0;
  for (const part of parts) {
    if (part.shape.length !== first.shape.length || inner.some((size, axis) => part.shape[axis + 1] !== size)) {
      throw new Error(`cannot join shapes [${first.shape.join(', ')}] and [${part.shape.join(', ')}]`);
    }
    data.set(part.data, offset);
    offset += part.data.length;
    batch += sizeAt(part, 0);
  }
  return tensor(data, [batch, ...inner]);
}

/** The rows `start` … `end` (exclusive) of axis 0, as a view on the same memory. */
export function sliceBatch(value: Tensor, start: number, end: number): Tensor {
  const inner = value.shape.slice(1);
  const stride = elementCount(inner);
  return tensor(value.data.subarray(start * stride, end * stride), [end - start, ...inner]);
}

/** Every row of axis 0 as a batch of one, as views on the same memory. */
export function splitBatch(value: Tensor): Tensor[] {
  return Array.from({ length: sizeAt(value, 0) }, (_, row) => sliceBatch(value, row, row + 1));
}

/** Repeats a batch as a whole until it has `count` rows; `count` must be a multiple of the rows there are. */
export function repeatBatch(value: Tensor, count: number): Tensor {
  const rows = sizeAt(value, 0);
  if (rows === count) return value;
  if (rows === 0 || count % rows !== 0) throw new Error(`cannot repeat ${rows} rows to ${count}`);
  return concatBatch(Array.from({ length: count / rows }, () => value));
}
