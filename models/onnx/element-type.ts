import type { SafetensorsDtype } from '../safetensors-header.ts';

/** ONNX element types that are used here, with their numbers in TensorProto.DataType. */
export const ELEMENT_TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e5m2: 19,
} as const;

/** Name of an ONNX element type. */
export type ElementType = keyof typeof ELEMENT_TYPES;

const STORED_FLOATS: Partial<Record<SafetensorsDtype, { type: ElementType; bytes: number }>> = {
  F32: { type: 'float32', bytes: 4 },
  F16: { type: 'float16', bytes: 2 },
  BF16: { type: 'bfloat16', bytes: 2 },
  F64: { type: 'float64', bytes: 8 },
  F8_E4M3: { type: 'float8e4m3fn', bytes: 1 },
  F8_E5M2: { type: 'float8e5m2', bytes: 1 },
};

/** The safetensors element types that weights may have: those that a Cast turns into float32. */
export const WEIGHT_DTYPES: readonly string[] = Object.keys(STORED_FLOATS);

/** How ONNX names a stored float and how wide it is; undefined for what cannot be a weight. */
export function storedFloat(dtype: SafetensorsDtype): { readonly type: ElementType; readonly bytes: number } | undefined {
  return STORED_FLOATS[dtype];
}
