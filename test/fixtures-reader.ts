import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The arrays a fixture tensor may come in: 16-bit floats are widened, 64-bit integers stay exact. */
export type FixtureArray = Float32Array | Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

/** One tensor of a safetensors file, row-major. */
export interface FixtureTensor {
  /** As the file names it: F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: FixtureArray;
}

const everything = fileURLToPath(new URL('../../shared/fixtures/', import.meta.url));
const ownSubset = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** True where the complete fixtures lie beside the checkout; a clone alone has the subset in test/fixtures. */
export function hasAllFixtures(): boolean {
  return existsSync(`${everything}README.md`);
}

/** The folder (ending in a slash) that fixtures are read from: the complete set if it is there, else test/fixtures. */
export function fixturesRoot(): string {
  return hasAllFixtures() ? everything : ownSubset;
}

/** Every line of a JSON-lines file, parsed. The caller names the shape it knows the file to have. */
export function readJsonLines<T = Record<string, unknown>>(path: string): T[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T);
}

/** Every tensor of a safetensors file by name. */
export function readSafetensorsFile(path: string): Map<string, FixtureTensor> {
  const bytes = readFileSync(path);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, FixtureTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [start, end] = entry.data_offsets;
    // A copy, because views on typed arrays must start at a multiple of their element size.
    const raw = Uint8Array.from(bytes.subarray(8 + headerBytes + start, 8 + headerBytes + end));
    tensors.set(name, { dtype: entry.dtype, shape: entry.shape, data: view(raw, entry.dtype) });
  }
  return tensors;
}

/** A tensor's values as float32, whatever they are stored as; missing is a mistake in the test and throws. */
export function float32Of(tensors: ReadonlyMap<string, FixtureTensor>, name: string): Float32Array {
  const found = tensors.get(name);
  if (found === undefined) throw new Error(`no tensor ${name}; there are ${[...tensors.keys()].slice(0, 20).join(', ')}`);
  return found.data instanceof Float32Array ? found.data : Float32Array.from(found.data as ArrayLike<number | bigint>, Number);
}

function view(raw: Uint8Array, dtype: string): FixtureArray {
  const { buffer } = raw;
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), fromHalf);
    case 'BF16':
      return fromBfloat16(new Uint16Array(buffer));
    case 'I64':
      return new BigInt64Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'I16':
      return new Int16Array(buffer);
    case 'I8':
      return new Int8Array(buffer);
    case 'U8':
    case 'BOOL':
      return raw;
    default:
      throw new Error(`safetensors dtype ${dtype} is not read here`);
  }
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function fromBfloat16(bits: Uint16Array): Float32Array {
  const wide = new Uint32Array(bits.length);
  bits.forEach((value, index) => {
    wide[index] = value << 16;
  });
  return new Float32Array(wide.buffer);
}
