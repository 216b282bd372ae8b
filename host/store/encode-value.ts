import { crc32 } from 'node:zlib';

/**
 * Values as bytes. Layout: 8 bytes magic; u32 little-endian checksum (CRC-32 of all that follows); u32 length of the header; header,
 * JSON in UTF-8 padded with spaces to a multiple of eight; the float32 arrays one after another, little-endian. In the header an
 * array stands as {"$f32": [first, count]} in elements, a number that JSON cannot hold as {"$number": "NaN"}.
 */
const MAGIC = new TextEncoder().encode('EMULVAL1');
const PREFIX_BYTES = 16;

/**
 * Encodes plain data with Float32Arrays in it; undefined when it holds something else. Fields that are undefined are left out. The
 * parts are to be written one after another.
 */
export function encodeValue(value: unknown): readonly Uint8Array[] | undefined {
  const arrays = new Map<Float32Array, number>();
  let elements = 0;
  const pack = (one: unknown): unknown => {
    if (one === null || typeof one === 'string' || typeof one === 'boolean') return one;
    if (typeof one === 'number')
      return Number.isFinite(one) && !Object.is(one, -0) ? one : { $number: Object.is(one, -0) ? '-0' : String(one) };
    if (one instanceof Float32Array) {
      let first = arrays.get(one);
      if (first === undefined) {
        first = elements;
        arrays.set(one, first);
        elements += one.length;
      }
      return { $f32: [first, one.length] };
    }
    // Not `map`, which passes over holes.
    if (Array.isArray(one)) return Array.from(one, pack);
    if (typeof one !== 'object') throw new NotPlainData();
    const parent: unknown = Object.getPrototypeOf(one);
    if (parent !== Object.prototype && parent !== null) throw new NotPlainData();
    const packed: [string, unknown][] = [];
    for (const [key, item] of Object.entries(one)) {
      if (key.startsWith('$')) throw new NotPlainData();
      if (item !== undefined) packed.push([key, pack(item)]);
    }
    // Unlike an assignment, this takes `__proto__` for a name like any other.
    return Object.fromEntries(packed);
  };
  let json: string;
  try {
    json = JSON.stringify(pack(value));
  } catch (error) {
    // A RangeError: it holds itself, or is longer than any text can be.
    if (error instanceof NotPlainData || error instanceof RangeError) return undefined;
    throw error;
  }
  const text = new TextEncoder().encode(json);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const head = new Uint8Array(PREFIX_BYTES + headerBytes).fill(0x20);
  head.set(MAGIC, 0);
  head.set(text, PREFIX_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(12, headerBytes, true);
  const parts = [...arrays.keys()].map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  let sum = crc32(head.subarray(12));
  // The checksum of nothing starts anew from zero.
  for (const part of parts) if (part.length > 0) sum = crc32(part, sum);
  view.setUint32(8, sum, true);
  return [head, ...parts];
}

/** The value in bytes that `encodeValue` wrote; undefined when they are damaged. Arrays are views on `bytes`. */
export function decodeValue(bytes: Uint8Array<ArrayBuffer>): { readonly value: unknown } | undefined {
  if (bytes.length < PREFIX_BYTES || bytes.byteOffset % 8 !== 0 || MAGIC.some((byte, at) => bytes[at] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(12, true);
  const dataStart = PREFIX_BYTES + headerBytes;
  if (dataStart > bytes.length || crc32(bytes.subarray(12)) !== view.getUint32(8, true)) return undefined;
  const unpack = (one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    if (Array.isArray(one)) return one.map(unpack);
    const record = one as Record<string, unknown>; // JSON: not a list, so a record
    if (Array.isArray(record['$f32'])) {
      const [first, count] = record['$f32'] as unknown[];
      if (!isCount(first) || !isCount(count)) throw new RangeError('no place of an array');
      return new Float32Array(bytes.buffer, bytes.byteOffset + dataStart + first * 4, count);
    }
    if (typeof record['$number'] === 'string') return Number(record['$number']);
    return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, unpack(item)]));
  };
  try {
    return { value: unpack(JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, dataStart)))) };
  } catch {
    return undefined; // the checksum is right, and yet encodeValue did not write it
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** How much memory a value keeps from being freed, roughly: all that its arrays are views of, and a little for everything else. */
export function measureValue(value: unknown): number {
  const seen = new Set<unknown>();
  const measure = (one: unknown): number => {
    if (typeof one === 'string') return 16 + 2 * one.length;
    if (typeof one !== 'object' || one === null) return 8;
    if (seen.has(one)) return 8;
    seen.add(one);
    if (ArrayBuffer.isView(one)) {
      const isCounted = seen.has(one.buffer);
      seen.add(one.buffer);
      return 64 + (isCounted ? 0 : one.buffer.byteLength);
    }
    return Object.values(one).reduce((sum: number, item) => sum + 16 + measure(item), 32);
  };
  return measure(value);
}

/** Thrown inside `encodeValue` where something is no plain data. */
class NotPlainData extends Error {}
