import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureValue } from './encode-value.ts';
import { createMemoryCache } from './memory-cache.ts';

const outputs = (floats: number): { image: Float32Array } => ({ image: new Float32Array(floats) });
const ONE = measureValue(outputs(1000));

describe('the memory cache', () => {
  it('drops what was not used for longest', () => {
    const cache = createMemoryCache(3 * ONE);
    for (const key of ['a', 'b', 'c']) cache.put(key, outputs(1000));
    cache.get('a');
    cache.put('d', outputs(1000));
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.has(key))).toEqual(['a', 'c', 'd']);
    expect(cache.get('b')).toBeUndefined();
  });

  it('does not keep what is larger than all of it, and loses nothing for it', () => {
    const cache = createMemoryCache(2 * ONE);
    cache.put('a', outputs(1000));
    cache.put('huge', outputs(10_000));
    expect(cache.has('a')).toBe(true);
    expect(cache.has('huge')).toBe(false);
  });

  it('forgets what a key held before, even when the new value is too large', () => {
    const cache = createMemoryCache(2 * ONE);
    cache.put('a', outputs(1000));
    cache.put('a', outputs(10_000));
    expect(cache.has('a')).toBe(false);
    expect(cache.bytes).toBe(0);
  });

  it('keeps nothing with a budget of nothing', () => {
    const cache = createMemoryCache(0);
    cache.put('a', {});
    expect(cache.has('a')).toBe(false);
  });

  it('never exceeds its budget and counts right, whatever is done', () => {
    const anyStep = fc.tuple(fc.constantFrom('put', 'get', 'clear'), fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(2000));
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const cache = createMemoryCache(3 * ONE);
        const latest = new Map<string, unknown>();
        for (const [what, key, floats] of steps) {
          if (what === 'clear' && floats < 200) cache.clear();
          else if (what === 'put') {
            const value = outputs(floats);
            latest.set(key, value);
            cache.put(key, value);
          } else if (cache.has(key)) expect(cache.get(key)).toBe(latest.get(key));
          const kept = [...latest].filter(([one]) => cache.has(one));
          expect(cache.bytes).toBe(kept.reduce((sum, [, value]) => sum + measureValue(value), 0));
          expect(cache.bytes).toBeLessThanOrEqual(3 * ONE);
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});
