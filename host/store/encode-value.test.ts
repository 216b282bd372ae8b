import { isDeepStrictEqual } from 'node:util';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue, encodeValue, measureValue } from './encode-value.ts';

const anyArray = fc.float32Array({ noNaN: false, maxLength: 20 });
const anyName = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('__proto__', 'constructor', 'toString', 'é🍎', ''));
const anyPlain = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.string({ unit: 'grapheme', maxLength: 10 }),
    anyArray,
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(
        fc.tuple(
          anyName.filter((name) => !name.startsWith('$')),
          tie('value'),
        ),
        { maxLength: 4 },
      )
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

function join(parts: readonly Uint8Array[] | undefined): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts!.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts!) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

describe('encoding a value', () => {
  it('gives it back as it was, bit for bit', () => {
    fc.assert(
      fc.property(anyPlain, (value) => {
        // Not vitest's equality, which trips over a field named `constructor`.
        expect(isDeepStrictEqual(decodeValue(join(encodeValue(value))), { value })).toBe(true);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('keeps the bits of numbers that are not', () => {
    const odd = new Float32Array(Uint32Array.of(0x7fc00001, 0xffc12345, 0x80000000).buffer);
    const found = decodeValue(join(encodeValue(odd)))?.value as Float32Array; // one array was encoded
    expect([...new Uint32Array(found.buffer, found.byteOffset, found.length)]).toEqual([0x7fc00001, 0xffc12345, 0x80000000]);
  });

  it('writes an array that stands in several places once', () => {
    const array = new Float32Array(1000);
    expect(join(encodeValue([array, { array }])).length).toBeLessThan(4200);
  });

  it('writes a view without the rest of its memory', () => {
    const view = new Float32Array(1000).fill(7).subarray(10, 12);
    const bytes = join(encodeValue({ view }));
    expect(bytes.length).toBeLessThan(100);
    expect(decodeValue(bytes)).toEqual({ value: { view: Float32Array.of(7, 7) } });
  });

  it.each([
    ['an undefined item', [1, undefined]],
    ['a hole', new Array(2)],
    ['a function', { f: () => 1 }],
    ['a bigint', 1n],
    ['a date', new Date(0)],
    ['bytes', new Uint8Array(4)],
    ['a map', new Map()],
    ['a name that the format uses', { $f32: [0, 1] }],
  ])('refuses %s', (_what, value) => {
    expect(encodeValue(value)).toBeUndefined();
  });

  it('leaves out fields that are undefined', () => {
    expect(decodeValue(join(encodeValue({ a: 1, b: undefined })))).toStrictEqual({ value: { a: 1 } });
  });
});

describe('decoding', () => {
  const bytes = join(encodeValue({ latent: { samples: Float32Array.of(1, 2, 3), shape: [1, 3] }, texts: ['a', 'b'], odd: Number.NaN }));

  it('finds every changed bit and every missing byte', () => {
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [1, 0x80]) {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ mask;
        expect(decodeValue(changed)).toBeUndefined();
      }
      expect(decodeValue(bytes.slice(0, at))).toBeUndefined();
    }
    expect(decodeValue(join([bytes, new Uint8Array(4)]))).toBeUndefined();
  });

  it('survives bytes that are wrong and carry the right checksum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 13), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(bytes.length - 16),
        (edits, cut) => {
          const changed = bytes.slice(0, bytes.length - (edits.length % 2 === 0 ? cut : 0));
          for (const [at, byte] of edits) if (12 + at < changed.length) changed[12 + at] = byte;
          new DataView(changed.buffer).setUint32(8, crc32(changed.subarray(12)), true);
          decodeValue(changed);
        },
      ),
      { numRuns: 3000, seed: 2 },
    );
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
        expect(decodeValue(new Uint8Array(any))).toBeUndefined();
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});

describe('measuring', () => {
  it('counts what an array keeps from being freed, once', () => {
    const whole = new Float32Array(1_000_000);
    expect(measureValue(whole.subarray(0, 10))).toBeGreaterThan(4_000_000);
    expect(measureValue([whole.subarray(0, 10), whole.subarray(10), whole])).toBeLessThan(4_001_000);
  });

  it('ends on values that hold themselves', () => {
    const ring: unknown[] = [];
    ring.push(ring);
    expect(measureValue(ring)).toBeLessThan(1000);
  });
});
