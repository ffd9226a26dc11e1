import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimiter } from '../../src/http/rate-limiter.ts';

/** What came when: under which key, and how many milliseconds after the one before. */
const arrivals = fc.array(fc.record({ key: fc.nat({ max: 5 }).map(String), afterMs: fc.nat({ max: 3000 }) }), {
  maxLength: 200,
});
const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 20 }), burst: fc.integer({ min: 1, max: 30 }) });

/** A token bucket as textbooks write it: another way to say the same. */
function bucketModel(perSecond: number, burst: number) {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (key: string, now: number): boolean => {
    const { tokens, at } = buckets.get(key) ?? { tokens: burst, at: now };
    const filled = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
    // As near as two ways of adding up fractions are.
    const passes = filled >= 1 - 1e-6;
    buckets.set(key, { tokens: passes ? filled - 1 : filled, at: now });
    return passes;
  };
}

test('lets through what a bucket of tokens would, key by key', () => {
  fc.assert(
    fc.property(rates, arrivals, ({ perSecond, burst }, requests) => {
      let now = 0;
      const limiter = new RateLimiter({ perSecond, burst }, () => now);
      const model = bucketModel(perSecond, burst);
      for (const { key, afterMs } of requests) {
        now += afterMs;
        expect(limiter.take(key) < 1e-3).toBe(model(key, now));
      }
    }),
  );
});

test('lets nothing through before the time that it told, and something then', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 1, max: 50 }), ({ perSecond, burst }, more) => {
      let now = 0;
      const limiter = new RateLimiter({ perSecond, burst }, () => now);
      const waits = Array.from({ length: burst + more }, () => limiter.take('x'));
      expect(waits.filter((wait) => wait === 0)).toHaveLength(burst);
      const wait = waits.at(-1) as number;
      now = wait - 1;
      expect(limiter.take('x')).toBeGreaterThan(0);
      now = wait + 1e-6;
      expect(limiter.take('x')).toBe(0);
    }),
  );
});

test('never remembers more keys than its bound, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 300 }), fc.integer({ min: 1, max: 20 }), (keys, most) => {
      const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, () => 0, most);
      for (const key of keys) {
        limiter.take(key);
        expect(limiter.size).toBeLessThanOrEqual(most);
      }
    }),
  );
});

test('forgets who came the longest ago first', () => {
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, () => 0, 2);
  limiter.take('a');
  limiter.take('b');
  expect(limiter.take('a')).toBeGreaterThan(0);
  limiter.take('c');
  expect(limiter.take('a')).toBeGreaterThan(0);
  expect(limiter.take('b')).toBe(0);
});
