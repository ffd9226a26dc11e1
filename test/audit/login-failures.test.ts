import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/audit/index.ts';
import { loginFailures } from '../../src/audit/login-failures.ts';

const WINDOW = 300_000;

function recorder() {
  const events: NewEvent[] = [];
  const clock = { now: 0 };
  const failures = loginFailures({
    trail: { record: async (event) => void events.push(event) },
    onLoss(error) {
      throw error;
    },
    now: () => clock.now,
  });
  return { failures, events, clock, counts: () => events.map(({ context }) => context['count']) };
}

describe('failed logins', () => {
  test('of an address are told at the fifth, and whenever they have doubled since', async () => {
    const { failures, counts } = recorder();
    for (let sent = 0; sent < 100; sent++) {
      await failures.note({ address: '192.0.2.1' });
    }

    expect(counts()).toEqual([5, 10, 20, 40, 80]);
    expect(failures.count('192.0.2.1')).toBe(100);
  });

  test('are an event that says from where, and how many in how long', async () => {
    const { failures, events } = recorder();
    const origin = { address: '192.0.2.1', requestId: '00' };
    for (let sent = 0; sent < 5; sent++) {
      await failures.note(origin);
    }

    expect(events).toEqual([
      {
        action: 'login_failed',
        app: 'authentik.api.authentication',
        actor: origin,
        context: { message: expect.any(String), count: 5, window_seconds: 300 },
      },
    ]);
  });

  test('are counted anew after five minutes', async () => {
    const { failures, clock, counts } = recorder();
    const fail = (times: number) => Promise.all(Array.from({ length: times }, () => failures.note({ address: '::1' })));
    await fail(4);
    clock.now += WINDOW - 1;
    expect(failures.count('::1')).toBe(4);
    clock.now += 1;
    expect(failures.count('::1')).toBe(0);
    await fail(4);

    expect(counts()).toEqual([]);
    await fail(1);
    expect(counts()).toEqual([5]);
  });

  test('of other addresses do not count, and those of one IPv6 network do', async () => {
    const { failures } = recorder();
    await failures.note({ address: '2001:db8::1' });
    await failures.note({ address: '2001:db8::2' });
    await failures.note({ address: '2001:db8:0:1::1' });

    expect(failures.count('2001:db8::3')).toBe(2);
    expect(failures.count('2001:db8:0:1::9')).toBe(1);
    expect(failures.count('192.0.2.1')).toBe(0);
  });

  test('of ever new addresses are held in bounded memory', async () => {
    const { failures } = recorder();
    for (let sent = 0; sent < 10_005; sent++) {
      await failures.note({ address: `10.${sent >> 16}.${(sent >> 8) & 255}.${sent & 255}` });
    }

    expect(failures.size).toBe(10_000);
    expect(failures.count('10.0.0.0')).toBe(0);
    expect(failures.count('10.0.39.20')).toBe(1);
  });

  test('of very many addresses are a hundred events in a minute, and one that counts the rest', async () => {
    const { failures, events, clock } = recorder();
    for (let sent = 0; sent < 5 * 130; sent++) {
      await failures.note({ address: `10.0.0.${sent % 130}` });
    }
    expect(events).toHaveLength(100);

    clock.now += 60_000;
    failures.sweep();
    expect(events.slice(100)).toEqual([
      {
        action: 'login_failed',
        app: 'authentik.api.authentication',
        actor: {},
        context: { message: expect.any(String), count: 30, window_seconds: 60 },
      },
    ]);
  });

  test('whose event can’t be written are only reported', async () => {
    const losses: unknown[] = [];
    const gone = new Error('gone');
    const failures = loginFailures({
      trail: { record: () => Promise.reject(gone) },
      onLoss: (error) => void losses.push(error),
    });
    for (let sent = 0; sent < 5; sent++) {
      await failures.note({ address: '192.0.2.1' });
    }

    expect(losses).toEqual([gone]);
  });
});

test('whatever comes when, an address’s count is that of its window, and each threshold in it is told once', async () => {
  const step = fc.record({ address: fc.constantFrom('192.0.2.1', '192.0.2.2'), wait: fc.nat(WINDOW / 4) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (sequence) => {
      const { failures, events, clock } = recorder();
      const windows = new Map<string, { since: number; count: number }>();
      const expected: unknown[] = [];
      for (const { address, wait } of sequence) {
        // Mostly at once, sometimes later.
        clock.now += wait % 7 === 0 ? wait : 0;
        const open = windows.get(address);
        const window = open && clock.now - open.since < WINDOW ? open : { since: clock.now, count: 0 };
        windows.set(address, window);
        window.count++;
        if ([5, 10, 20, 40, 80, 160].includes(window.count)) {
          expected.push([address, window.count]);
        }
        await failures.note({ address });
        expect(failures.count(address)).toBe(window.count);
      }
      expect(events.map(({ actor, context }) => [actor.address, context['count']])).toEqual(expected);
    }),
  );
});
