import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LastUses, lastUses } from '../../src/access/last-uses.ts';

let written: (readonly [string, number])[][];
let failures: unknown[];
let isAway: boolean;
let uses: LastUses;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  written = [];
  failures = [];
  isAway = false;
  uses = lastUses({
    write: async (pending) => {
      if (isAway) {
        throw new Error('away');
      }
      written.push([...pending].map(([id, at]) => [id, at.getTime()] as const));
    },
    onFailure: (error) => failures.push(error),
  });
});
afterEach(() => vi.useRealTimers());

describe('the last use of a token', () => {
  it('is written a minute later, in one write for all tokens, each with its latest time', async () => {
    uses.note('a');
    await vi.advanceTimersByTimeAsync(20_000);
    uses.note('b');
    uses.note('a');
    await vi.advanceTimersByTimeAsync(39_999);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);

    expect(written).toEqual([
      [
        ['a', 20_000],
        ['b', 20_000],
      ],
    ]);
  });

  it('is written no more often than once a minute, however many requests come', async () => {
    for (let second = 0; second < 600; second++) {
      uses.note('a');
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(written).toHaveLength(10);
  });

  it('costs nothing where nobody comes', async () => {
    await vi.advanceTimersByTimeAsync(3_600_000);
    await uses.close();
    expect(written).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is written at the end, and no timer is left', async () => {
    uses.note('a');
    await uses.close();
    expect(written).toEqual([[['a', 0]]]);
    uses.note('b');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is kept while the database is away, and its later times are not lost to earlier ones', async () => {
    isAway = true;
    uses.note('a');
    uses.note('b');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(failures).toHaveLength(1);
    uses.note('a');
    isAway = false;
    await vi.advanceTimersByTimeAsync(60_000);

    expect(written).toEqual([
      [
        ['a', 60_000],
        ['b', 0],
      ],
    ]);
  });

  it('is of ten thousand tokens at the most before they are written', async () => {
    for (let token = 0; token < 10_050; token++) {
      uses.note(String(token));
    }
    await uses.close();
    expect(written[0]).toHaveLength(10_000);
  });

  it('waits to be written without keeping the process alive', () => {
    vi.useRealTimers();
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = timers();
    uses.note('a');
    expect(timers()).toBe(before);
  });

  it('does not keep the process from ending, though its write takes for ever', async () => {
    const stuck = lastUses({ write: () => new Promise(() => {}), onFailure: () => {} });
    stuck.note('a');
    const closing = stuck.close();
    await vi.advanceTimersByTimeAsync(2000);
    await closing;
    const busy = lastUses({ write: () => new Promise(() => {}), onFailure: () => {} });
    busy.note('a');
    await vi.advanceTimersByTimeAsync(60_000);
    const ending = busy.close();
    await vi.advanceTimersByTimeAsync(2000);
    await ending;
  });
});

it('writes every token’s latest time in the end, whatever fails on the way', async () => {
  const step = fc.oneof(
    fc.record({ token: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ pass: fc.integer({ min: 1, max: 90_000 }) }),
    fc.record({ away: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      vi.setSystemTime(0);
      const stored = new Map<string, number>();
      const expected = new Map<string, number>();
      let away = false;
      const collected = lastUses({
        write: async (pending) => {
          if (away) {
            throw new Error('away');
          }
          for (const [id, at] of pending) {
            expect(at.getTime()).toBeGreaterThanOrEqual(stored.get(id) ?? 0);
            stored.set(id, at.getTime());
          }
        },
        onFailure: () => {},
      });
      for (const next of steps) {
        if ('token' in next) {
          collected.note(next.token);
          expected.set(next.token, Date.now());
        } else if ('pass' in next) {
          await vi.advanceTimersByTimeAsync(next.pass);
        } else {
          away = next.away;
        }
      }
      away = false;
      await collected.close();
      expect(stored).toEqual(expected);
    }),
  );
});
