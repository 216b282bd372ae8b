/**
 * Values as structured clones, between Node and a page: plain data, what JSON has no place for, dates, maps, sets, errors, bytes, and
 * things that are met twice. What cannot be cloned throws as it does there. A frame is u32 little-endian length of the header, the
 * header as JSON, then the bytes of every buffer one after another.
 */
type Entry = readonly [kind: string, ...rest: unknown[]];

const VIEWS = {
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  DataView,
} as const;

/** Encodes a value, or throws DataCloneError. */
export function encodeClone(value: unknown): Uint8Array<ArrayBuffer> {
  const entries: Entry[] = [];
  const buffers: Uint8Array[] = [];
  const known = new Map<unknown, number>();
  const add = (one: unknown): number => {
    const seen = known.get(one);
    if (seen !== undefined) return seen;
    const at = entries.length;
    entries.push(['undefined']);
    if (typeof one === 'object' && one !== null) known.set(one, at);
    entries[at] = describe(one);
    return at;
  };
  const describe = (one: unknown): Entry => {
    if (one === undefined) return ['undefined'];
    if (one === null || typeof one === 'string' || typeof one === 'boolean') return ['json', one];
    if (typeof one === 'number')
      return Number.isFinite(one) && !Object.is(one, -0) ? ['json', one] : ['number', Object.is(one, -0) ? '-0' : String(one)];
    if (typeof one === 'bigint') return ['bigint', String(one)];
    if (typeof one !== 'object') throw uncloneable(one);
    if (Array.isArray(one)) return ['array', ...one.map(add)];
    if (one instanceof ArrayBuffer) return ['buffer', buffers.push(new Uint8Array(one)) - 1];
    if (ArrayBuffer.isView(one)) {
      // The whole memory goes along, as it does in a clone.
      const name = Object.prototype.toString.call(one).slice(8, -1);
      return ['view', name, add(one.buffer), one.byteOffset, one.byteLength];
    }
    if (one instanceof Date) return ['date', String(one.getTime())]; // as a number, JSON has no place for a date that is none
    if (one instanceof Map) return ['map', ...[...one].flat(1).map(add)];
    if (one instanceof Set) return ['set', ...[...one].map(add)];
    if (one instanceof Error) return ['error', one.name, one.message];
    if (one instanceof Promise || one instanceof WeakMap || one instanceof WeakSet) throw uncloneable(one);
    return ['object', ...Object.entries(one).flatMap(([key, inner]) => [key, add(inner)])];
  };
  add(value);
  const header = new TextEncoder().encode(JSON.stringify({ entries, sizes: buffers.map((buffer) => buffer.length) }));
  const frame = new Uint8Array(4 + header.length + buffers.reduce((sum, buffer) => sum + buffer.length, 0));
  new DataView(frame.buffer).setUint32(0, header.length, true);
  frame.set(header, 4);
  let at = 4 + header.length;
  for (const buffer of buffers) {
    frame.set(buffer, at);
    at += buffer.length;
  }
  return frame;
}

/** The value in a frame of `encodeClone`. */
export function decodeClone(frame: Uint8Array): unknown {
  const headerBytes = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true);
  const { entries, sizes }: { entries: Entry[]; sizes: number[] } = JSON.parse(
    new TextDecoder().decode(frame.subarray(4, 4 + headerBytes)),
  );
  let at = 4 + headerBytes;
  const buffers = sizes.map((size) => {
    at += size;
    // A Buffer's own slice() shares its memory.
    return Uint8Array.prototype.slice.call(frame, at - size, at).buffer;
  });
  const made = new Map<number, unknown>();
  const read = (index: number): unknown => {
    if (made.has(index)) return made.get(index);
    const [kind, ...rest] = entries[index] ?? ['undefined'];
    const keep = <T>(one: T): T => {
      made.set(index, one);
      return one;
    };
    const inner = rest as number[]; // of the kinds that hold others, numbers of entries
    switch (kind) {
      case 'undefined':
        return undefined;
      case 'json':
        return rest[0];
      case 'number':
        return rest[0] === '-0' ? -0 : Number(rest[0]);
      case 'bigint':
        return BigInt(String(rest[0]));
      case 'buffer':
        return keep(buffers[Number(rest[0])]);
      case 'view': {
        const [name, buffer, offset, length] = rest;
        const View = VIEWS[name as keyof typeof VIEWS] as Uint8ArrayConstructor; // encodeClone wrote the name; all are made the same way
        return keep(new View(read(Number(buffer)) as ArrayBuffer, Number(offset), Number(length) / (View.BYTES_PER_ELEMENT ?? 1)));
      }
      case 'date':
        return keep(new Date(Number(rest[0])));
      case 'error':
        return keep(Object.assign(new Error(String(rest[1])), { name: String(rest[0]) }));
      case 'array': {
        const list: unknown[] = keep([]);
        list.push(...inner.map(read));
        return list;
      }
      case 'set': {
        const set = keep(new Set<unknown>());
        for (const one of inner) set.add(read(one));
        return set;
      }
      case 'map': {
        const map = keep(new Map<unknown, unknown>());
        for (let pair = 0; pair < inner.length; pair += 2) map.set(read(inner[pair]!), read(inner[pair + 1]!));
        return map;
      }
      default: {
        const object: Record<string, unknown> = keep({});
        for (let pair = 0; pair < rest.length; pair += 2) object[String(rest[pair])] = read(Number(rest[pair + 1]));
        return object;
      }
    }
  };
  return read(0);
}

function uncloneable(value: unknown): Error {
  return Object.assign(new Error(`${typeof value === 'object' ? 'An object' : String(value).slice(0, 60)} could not be cloned.`), {
    name: 'DataCloneError',
  });
}
