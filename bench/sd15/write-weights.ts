import { open } from 'node:fs/promises';
import { encodeSafetensorsHeader } from '../../models/write-safetensors.ts';
import { elementCount } from '../../nodes/tensor.ts';
import type { WeightShape } from './weight-shapes.ts';

/** Values that are made and written at a time. */
const CHUNK = 2 ** 22;

const TABLE_BITS = 12;

/** Writes tensors as fp16 safetensors a piece at a time; the same seed gives the same file. Gives the number of values. */
export async function writeWeights(path: string, shapes: readonly WeightShape[], seed: number): Promise<number> {
  const handle = await open(path, 'w');
  let state = seed >>> 0;
  let total = 0;
  try {
    await handle.writeFile(encodeHeader(shapes));
    for (const { shape, bound, fill } of shapes) {
      const count = elementCount(shape);
      const table = makeTable(bound, fill);
      for (let at = 0; at < count; at += CHUNK) {
        const chunk = new Uint16Array(Math.min(CHUNK, count - at));
        for (let index = 0; index < chunk.length; index++) {
          // xorshift32 (Marsaglia 2003): random enough that no two tensors are alike, and fast.
          state ^= state << 13;
          state ^= state >>> 17;
          state ^= state << 5;
          chunk[index] = table[state >>> (32 - TABLE_BITS)] ?? 0;
        }
        await handle.writeFile(new Uint8Array(chunk.buffer));
      }
      total += count;
    }
  } finally {
    await handle.close();
  }
  return total;
}

/** Evenly spaced values in ±bound, as half floats. */
function makeTable(bound: number, fill: number): Uint16Array {
  const size = 2 ** TABLE_BITS;
  return Uint16Array.from({ length: size }, (_, at) => toHalfBits(bound === 0 ? fill : bound * ((2 * (at + 0.5)) / size - 1)));
}

/** IEEE 754 half precision of a number below 65504, rounded half up; smaller than 2⁻¹⁴ is a subnormal. */
function toHalfBits(value: number): number {
  if (value === 0) return 0;
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const units = Math.round(size * 2 ** (10 - exponent));
  return sign | (exponent === -14 ? units : ((exponent + 14) << 10) + units);
}

function encodeHeader(shapes: readonly WeightShape[]): Uint8Array {
  let offset = 0;
  const entries = shapes.map(({ name, shape }) => {
    const begin = offset;
    offset += 2 * elementCount(shape);
    return [name, { dtype: 'F16', shape, data_offsets: [begin, offset] }] as const;
  });
  return encodeSafetensorsHeader(entries);
}
