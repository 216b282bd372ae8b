import { Tensor as OrtTensor } from 'onnxruntime-node';
import { halfToNumber, toHalves } from '../../models/half-float.ts';
import type { ElementType } from '../../models/onnx/element-type.ts';

/** The types that a graph of somebody else's may ask for and give. */
export const FOREIGN_TYPES = ['float32', 'float16', 'float64', 'int32', 'int64', 'uint8', 'bool'] as const satisfies readonly ElementType[];

/** One of these types. */
export type ForeignType = (typeof FOREIGN_TYPES)[number];

/** The type, if it is one of those. */
export function foreignType(type: ElementType | undefined): ForeignType | undefined {
  return FOREIGN_TYPES.find((one) => one === type);
}

/** The same numbers as another type; whole types get them rounded. */
export function castTensor(value: OrtTensor, type: ForeignType, dims: readonly number[] = value.dims): OrtTensor {
  if (value.type === type) return value.reshape(dims);
  const numbers = numbersOf(value);
  const shape = [...dims];
  switch (type) {
    case 'float32':
      return new OrtTensor('float32', Float32Array.from(numbers), shape);
    case 'float16':
      return new OrtTensor('float16', toHalves(numbers), shape);
    case 'float64':
      return new OrtTensor('float64', Float64Array.from(numbers), shape);
    case 'int32':
      return new OrtTensor('int32', Int32Array.from(numbers, Math.round), shape);
    case 'int64':
      return new OrtTensor(
        'int64',
        BigInt64Array.from(numbers, (one) => BigInt(Math.round(one))),
        shape,
      );
    case 'uint8':
      return new OrtTensor(
        'uint8',
        Uint8Array.from(numbers, (one) => Math.min(255, Math.max(0, Math.round(one)))),
        shape,
      );
    case 'bool':
      return new OrtTensor(
        'bool',
        Uint8Array.from(numbers, (one) => (one === 0 ? 0 : 1)),
        shape,
      );
    default:
      return type satisfies never;
  }
}

/** Values of any type that sessions give, as numbers. */
export function numbersOf(value: OrtTensor): ArrayLike<number> {
  const { data, type } = value;
  // Halves come as their bits where the platform has no array for them.
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, halfToNumber);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Array.from(data, Number);
  if (Array.isArray(data)) throw new Error('a graph gives texts where numbers are declared');
  return data as ArrayLike<number>; // every array type that is left holds numbers
}
