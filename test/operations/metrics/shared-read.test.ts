import { describe, expect, it } from 'vitest';
import { sharedRead } from '../../../src/operations/metrics/shared-read.ts';

/** A read that is counted and can be made to fail, on a clock of its own. */
function reading(forMs: number) {
  const state = { at: 1_000, reads: 0, fails: false, failures: 0 };
  const read = sharedRead({
    read: async () => {
      state.reads++;
      const value = state.reads;
      if (state.fails) {
        throw new Error('away');
      }
      return value;
    },
    forMs,
    onFailure: () => {
      state.failures++;
    },
    now: () => state.at,
  });
  return { state, read };
}

describe('a shared read', () => {
  it('reads once for all who ask at once, and again only when its time is over', async () => {
    const { state, read } = reading(5_000);
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
    state.at += 4_999;
    expect(await read()).toBe(1);
    state.at += 1;
    expect(await Promise.all([read(), read()])).toEqual([2, 2]);
    expect(state.reads).toBe(2);
  });

  it('gives nothing where it failed, tells of it once, and asks again after five seconds at most', async () => {
    const { state, read } = reading(60_000);
    expect(await read()).toBe(1);
    state.fails = true;
    state.at += 60_000;
    expect([await read(), await read()]).toEqual([undefined, undefined]);
    state.at += 5_000;
    expect(await read()).toBeUndefined();
    expect(state).toMatchObject({ reads: 3, failures: 1 });
    state.fails = false;
    state.at += 5_000;
    expect(await read()).toBe(4);
    state.at += 59_999;
    expect(await read()).toBe(4);
  });

  it('is not begun again while it runs, and whoever waits is sent away in time', async () => {
    let finish = (_: string) => {};
    let reads = 0;
    let at = 0;
    const read = sharedRead({
      read: () => {
        reads++;
        return new Promise<string>((resolve) => {
          finish = resolve;
        });
      },
      forMs: 1_000,
      patienceMs: 20,
      onFailure: () => {},
      now: () => at,
    });
    const late = read();
    at = 10_000;
    expect(await late).toBeUndefined();
    const next = read();
    finish('there');
    expect(await next).toBe('there');
    expect(reads).toBe(1);
  });
});
