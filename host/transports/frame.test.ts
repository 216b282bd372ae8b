import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from './frame.ts';

/** What a socket makes of a frame: other memory, at any offset in it. */
function carry(frame: string | Uint8Array): string | Uint8Array {
  if (typeof frame === 'string') return frame;
  const moved = new Uint8Array(frame.length + 3);
  moved.set(frame, 3);
  return moved.subarray(3);
}

const message = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 6 }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe('frames', () => {
  it('carry plain data and bytes, in any mixture', () => {
    fc.assert(
      fc.property(message, (sent) => {
        // JSON knows one zero, and reads the key __proto__ as any other.
        const plain = JSON.stringify(sent, (_key, value) => (value instanceof Uint8Array ? [...value] : value));
        fc.pre(!plain.includes('__proto__'));
        expect(normal(decodeFrame(carry(encodeFrame(sent)))?.message)).toEqual(normal(sent));
      }),
      { numRuns: 500 },
    );
  });

  it('are text unless there are bytes', () => {
    expect(encodeFrame({ a: [1, 'ü'] })).toBe('{"a":[1,"ü"]}');
    expect(encodeFrame({ a: new Uint8Array(0) })).toBeInstanceOf(Uint8Array);
  });

  it('carry Buffers as bytes', () => {
    const found = decodeFrame(encodeFrame({ file: Buffer.from('abc') }))?.message;
    expect(found).toEqual({ file: new Uint8Array([97, 98, 99]) });
  });

  it('carry numbers that JSON has no place for', () => {
    const found = decodeFrame(encodeFrame([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]));
    expect(found?.message).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
  });

  it('that nobody here has written give nothing, or plain data, and never throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array({ maxLength: 200 })), (frame) => {
        decodeFrame(frame);
      }),
      { numRuns: 2000 },
    );
    expect(decodeFrame('{')).toBeUndefined();
    expect(decodeFrame(new Uint8Array([9, 9]))).toBeUndefined();
    expect(decodeFrame(new Uint8Array([255, 255, 255, 255, 123, 125]))).toBeUndefined();
  });

  it('can’t name bytes that they don’t hold', () => {
    const lying = JSON.stringify([{ $bytes: [0, 5] }, { $bytes: [-1, 1] }, { $bytes: [1, 1] }, { $bytes: [2 ** 60, 1] }]);
    const header = new TextEncoder().encode(lying);
    const frame = new Uint8Array(4 + header.length + 4);
    new DataView(frame.buffer).setUint32(0, header.length, true);
    frame.set(header, 4);
    const found = decodeFrame(frame)?.message;
    expect(found).toEqual([{ $bytes: [0, 5] }, { $bytes: [-1, 1] }, new Uint8Array(1), { $bytes: [2 ** 60, 1] }]);
  });
});

/** Minus zero as zero, byte arrays as lists: what equality looks at. */
function normal(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, normal(one)]));
  return value === 0 ? 0 : value;
}
