import { isRecord } from '../nodes/is-record.ts';

/** Element types of the safetensors format with their width in bits (some are narrower than a byte). */
export const SAFETENSORS_DTYPE_BITS = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  I64: 64,
  U64: 64,
  F64: 64,
} as const;

/** Name of an element type as safetensors headers write it. */
export type SafetensorsDtype = keyof typeof SAFETENSORS_DTYPE_BITS;

/** One tensor as a validated header declares it; its range is known to lie inside the file. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  /** Row-major sizes; empty for a scalar. */
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  /** How many bytes. */
  readonly length: number;
}

/** What a header says once everything in it has been checked. */
export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Why a header was refused; `cutShort` when the file ends before the tensors it declares. */
export interface HeaderFault {
  readonly fault: string;
  readonly cutShort?: true;
}

/** The format's own limit on the header (safetensors/src/tensor.rs, MAX_HEADER_SIZE). */
export const MAX_HEADER_BYTES = 100_000_000;

/** Bytes before the header: its length as a 64-bit little-endian integer. */
export const HEADER_PREFIX_BYTES = 8;

const NOT_JSON = 'its header is not valid JSON in UTF-8';
const MAX_DEPTH = 8;
/** Fifty times what the largest checkpoints have; eight million would take most of a minute. */
const MAX_VALUES = 1_000_000;
const MAX_RANK = 32;

/**
 * Reads and checks the JSON header of a safetensors file against the file's real size. Every tensor it returns has a known
 * type, a length that its shape explains and a range inside the file; together they cover the data without gap or overlap.
 */
export function parseSafetensorsHeader(header: Uint8Array, fileBytes: number): SafetensorsHeader | HeaderFault {
  if (header[0] !== 0x7b) return { fault: 'its header does not begin with {' };
  let parsed: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(header);
    const structure = checkStructure(text);
    if (structure !== undefined) return { fault: structure };
    parsed = JSON.parse(text);
  } catch {
    return { fault: NOT_JSON };
  }
  if (!isRecord(parsed)) return { fault: 'its header is not a JSON object' };

  const dataStart = HEADER_PREFIX_BYTES + header.length;
  const metadata = new Map<string, string>();
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [name, entry] of Object.entries(parsed)) {
    if (name === '__metadata__') {
      if (!isRecord(entry)) return { fault: 'its __metadata__ is not an object' };
      for (const [key, text] of Object.entries(entry)) {
        if (typeof text !== 'string') return { fault: `its __metadata__ entry ${quote(key)} is not a string` };
        metadata.set(key, text);
      }
      continue;
    }
    const checked = checkEntry(name, entry, dataStart);
    if ('fault' in checked) return checked;
    tensors.set(name, checked);
  }
  return checkCoverage(tensors, dataStart, fileBytes) ?? { tensors, metadata };
}

/** Depth, number of values and repeated keys, before JSON.parse may spend memory on them or silently drop the first of two equal keys. */
function checkStructure(text: string): string | undefined {
  const keysOfOpenObjects: (Set<string> | null)[] = [];
  let values = 0;
  let lastString = '';
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const start = at;
        at++;
        while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
        lastString = text.slice(start, at + 1);
        break;
      }
      case 0x7b:
      case 0x5b:
        keysOfOpenObjects.push(text[at] === '{' ? new Set() : null);
        if (keysOfOpenObjects.length > MAX_DEPTH) return `its header is nested deeper than ${MAX_DEPTH} levels`;
        break;
      case 0x7d:
      case 0x5d:
        keysOfOpenObjects.pop();
        break;
      case 0x2c:
        values++;
        if (values > MAX_VALUES) return `its header holds more than ${MAX_VALUES} values`;
        break;
      case 0x3a: {
        const keys = keysOfOpenObjects.at(-1);
        const key = unescapeKey(lastString);
        if (!keys || key === undefined) return NOT_JSON;
        if (keys.has(key)) return `its header names ${quote(key)} twice`;
        keys.add(key);
        break;
      }
    }
  }
  return undefined;
}

/** The text of a JSON string in its quotes; almost no key needs the parser. */
function unescapeKey(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    const key: unknown = JSON.parse(quoted);
    return typeof key === 'string' ? key : undefined;
  } catch {
    return undefined;
  }
}

function checkEntry(name: string, entry: unknown, dataStart: number): SafetensorsEntry | HeaderFault {
  const tensor = `tensor ${quote(name)}`;
  if (!isRecord(entry)) return { fault: `${tensor} is not described by an object` };
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isDtype(dtype)) return { fault: `${tensor} has the unknown element type ${quote(dtype)}` };
  if (!Array.isArray(shape) || shape.length > MAX_RANK || !shape.every(isSize)) {
    return { fault: `${tensor} has the impossible shape ${quote(shape)}` };
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    return { fault: `${tensor} has the impossible data_offsets ${quote(offsets)}` };
  }
  const [start, end] = offsets as [number, number]; // two sizes, checked just above
  const length = byteLength(shape, dtype);
  if (length === undefined) return { fault: `${tensor} has a shape that fills no countable number of bytes, ${quote(shape)}` };
  if (end - start !== length) {
    return { fault: `${tensor} says its data is bytes ${start} to ${end}, but ${dtype} ${quote(shape)} takes ${length} bytes` };
  }
  if (!Number.isSafeInteger(dataStart + end)) return { fault: `${tensor} lies beyond any possible file` };
  return { name, dtype, shape, offset: dataStart + start, length };
}

/** The format wants every byte after the header to belong to exactly one tensor. */
function checkCoverage(tensors: ReadonlyMap<string, SafetensorsEntry>, dataStart: number, fileBytes: number): HeaderFault | undefined {
  const inFileOrder = [...tensors.values()].sort((a, b) => a.offset - b.offset || a.length - b.length);
  let end = dataStart;
  for (const tensor of inFileOrder) {
    if (tensor.offset < end) return { fault: `tensor ${quote(tensor.name)} overlaps the one before it` };
    if (tensor.offset > end) return { fault: `${tensor.offset - end} bytes before tensor ${quote(tensor.name)} belong to no tensor` };
    end += tensor.length;
  }
  if (end > fileBytes) return { fault: `it should be ${end} bytes long and has only ${fileBytes}`, cutShort: true };
  if (end < fileBytes) return { fault: `${fileBytes - end} bytes after the last tensor belong to no tensor` };
  return undefined;
}

/** Bytes of a shape, or undefined where the count leaves the exact integers. */
function byteLength(shape: readonly number[], dtype: SafetensorsDtype): number | undefined {
  let bits: number = SAFETENSORS_DTYPE_BITS[dtype];
  if (shape.includes(0)) return 0;
  for (const size of shape) {
    bits *= size;
    if (!Number.isSafeInteger(bits)) return undefined;
  }
  return bits % 8 === 0 ? bits / 8 : undefined;
}

function isDtype(name: string): name is SafetensorsDtype {
  return Object.hasOwn(SAFETENSORS_DTYPE_BITS, name);
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A short, printable form of whatever the header holds. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
