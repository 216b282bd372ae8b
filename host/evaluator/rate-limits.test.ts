import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPreviewLimit, createRateLimit, isWorthALastWord } from './rate-limits.ts';

/** The most events that fall into any one second. */
function mostInASecond(times: readonly number[]): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));
}

const anyWaits = fc.array(fc.oneof(fc.nat(40), fc.nat(5), fc.constant(0)), { minLength: 1, maxLength: 300 });

describe('a rate limit', () => {
  it('lets the first through at once, and then 10 a second', () => {
    fc.assert(
      fc.property(anyWaits, (waits) => {
        let at = 0;
        const limit = createRateLimit(() => at);
        const sent: number[] = [];
        for (const wait of waits) {
          at += wait;
          if (limit.admit()) sent.push(at);
        }
        expect(sent[0]).toBe(waits[0]);
        expect(mostInASecond(sent)).toBeLessThanOrEqual(10);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('does not hold back what comes slowly', () => {
    let at = 0;
    const limit = createRateLimit(() => at);
    for (let count = 0; count < 100; count++, at += 101) expect(limit.admit()).toBe(true);
  });

  it('gives a last word to what took longer than the time between two events', () => {
    expect([0, 33, 34].map(isWorthALastWord)).toEqual([false, false, true]);
  });
});

describe('a preview limit', () => {
  it('never lets more than 30 a second pass, the last ones included', () => {
    fc.assert(
      fc.property(anyWaits, fc.nat(3), (waits, costMs) => {
        let at = 0;
        const limit = createPreviewLimit(() => at);
        const made: number[] = [];
        const make = (): void => {
          made.push(at);
          at += costMs;
        };
        for (const [index, wait] of waits.entries()) {
          at += wait;
          if (!limit.offer(make) && index % 3 === 0) limit.offerLast(make);
        }
        expect(mostInASecond(made)).toBeLessThanOrEqual(30);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('spends little of the time on previews that are dear', () => {
    let at = 0;
    let spent = 0;
    const limit = createPreviewLimit(() => at);
    const make = (): void => {
      at += 5;
      spent += 5;
    };
    for (; at < 60_000; at += 10) limit.offer(make);
    expect(spent).toBeGreaterThan(0);
    expect(spent / at).toBeLessThan(0.012);
  });

  it('says whether it made one, and makes the last one whatever the others cost', () => {
    let at = 0;
    const limit = createPreviewLimit(() => at);
    const dear = (): void => {
      at += 20;
    };
    expect(limit.offer(dear)).toBe(true);
    at += 100;
    expect(limit.offer(dear)).toBe(false);
    const before = at;
    limit.offerLast(dear);
    expect(at).toBe(before + 20);
  });

  it('spends a fifth of the time on what somebody chose, and shows the last of it', async () => {
    let at = 0;
    let spent = 0;
    const limit = createPreviewLimit(() => at);
    const make = async (): Promise<void> => {
      at += 50;
      spent += 50;
    };
    for (; at < 60_000; at += 10) await limit.offerDecoded(make, false);
    expect(spent / at).toBeGreaterThan(0.15);
    expect(spent / at).toBeLessThan(0.21);
    const before = spent;
    at += 40;
    await limit.offerDecoded(make, true);
    expect(spent).toBe(before + 50);
  });
});
