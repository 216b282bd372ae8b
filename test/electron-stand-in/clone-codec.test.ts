import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeClone, encodeClone } from './clone-codec.ts';

it('gives what a structured clone gives', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.uint8Array({ maxLength: 20 }),
    fc.float32Array({ maxLength: 5 }),
    fc.date(),
  );
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(fc.string({ maxLength: 5 }), tie('any'), { maxKeys: 4, noNullPrototype: true }),
      fc.array(fc.tuple(fc.string(), tie('any')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
      fc.array(leaf, { maxLength: 3 }).map((items) => new Set(items)),
    ),
  })).any;
  fc.assert(
    fc.property(value, (sent) => {
      fc.pre(!JSON.stringify(Object.keys(Object(sent))).includes('__proto__'));
      expect(decodeClone(encodeClone(sent))).toEqual(structuredClone(sent));
    }),
    { numRuns: 300 },
  );
});

it('keeps a date that is none', () => {
  expect(decodeClone(encodeClone([new Date(Number.NaN), new Date(0)]))).toEqual([new Date(Number.NaN), new Date(0)]);
});

it('reads bytes from a Buffer as from any array, wherever they lie in its memory', () => {
  const frame = Buffer.concat([Buffer.from('before'), encodeClone({ bytes: Uint8Array.of(1, 2, 3) })]).subarray(6);
  expect(decodeClone(frame)).toEqual({ bytes: Uint8Array.of(1, 2, 3) });
});

it('keeps what is met twice one thing, cycles too', () => {
  const shared = { name: 'a' };
  const cyclic: Record<string, unknown> = { first: shared, second: shared };
  cyclic['self'] = cyclic;
  const copy = decodeClone(encodeClone(cyclic)) as typeof cyclic; // what went in
  expect(copy['self']).toBe(copy);
  expect(copy['first']).toBe(copy['second']);
});

it.each([() => 1, Symbol('s'), { inside: () => 1 }, Promise.resolve()])('refuses what cannot be cloned: %s', (value) => {
  expect(() => encodeClone(value)).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
});
