import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/audit/index.ts';
import { refusedAttempts } from '../../src/audit/refused-attempts.ts';

const MINUTE = 60_000;
const PAIR = 'a0b1c2d3-e4f5-4a5b-8c7d-6e5f4a3b2c1d';

function recorder(options: { readonly capacity?: number; readonly limit?: number } = {}) {
  const events: NewEvent[] = [];
  const losses: unknown[] = [];
  const clock = { now: 0 };
  const trail = { record: async (event: NewEvent) => void events.push(event) };
  const onLoss = (error: unknown) => void losses.push(error);
  const attempts = refusedAttempts({ trail, onLoss, now: () => clock.now, ...options });
  const attempt = (address?: string) =>
    attempts.record({
      actor: address === undefined ? {} : { address },
      operation: 'authentik.certificatekeypairs.view_private_key',
      reason: 'PERMISSION_DENIED',
      keypairId: PAIR,
    });
  return { attempts, attempt, events, losses, clock };
}

/** What was told of each address: 1 for an event of its own, the count of one that counts. */
function toldOf(events: readonly NewEvent[]): Map<string, { alone: boolean; count: number }[]> {
  const told = new Map<string, { alone: boolean; count: number }[]>();
  for (const { actor, context } of events) {
    const { count } = context as { count?: number };
    const address = actor.address ?? '';
    told.set(address, [...(told.get(address) ?? []), { alone: count === undefined, count: count ?? 1 }]);
  }
  return told;
}

describe('a refused attempt', () => {
  test('is an event that says what was tried on which pair, and why it was refused', async () => {
    const { attempt, events } = recorder();
    await attempt('192.0.2.1');

    expect(events).toEqual([
      {
        action: 'suspicious_request',
        app: 'authentik.crypto.api',
        actor: { address: '192.0.2.1' },
        model: {
          app: 'authentik_crypto',
          modelName: 'certificatekeypair',
          pk: 'a0b1c2d3e4f54a5b8c7d6e5f4a3b2c1d',
          name: '',
        },
        context: {
          message: expect.any(String),
          operation: 'authentik.certificatekeypairs.view_private_key',
          reason: 'PERMISSION_DENIED',
          secret: { pk: 'a0b1c2d3e4f54a5b8c7d6e5f4a3b2c1d', app: 'authentik_crypto', model_name: 'certificatekeypair' },
        },
      },
    ]);
  });

  test('whose event can’t be written is only reported', async () => {
    const losses: unknown[] = [];
    const gone = new Error('gone');
    const attempts = refusedAttempts({
      trail: { record: () => Promise.reject(gone) },
      onLoss: (error) => void losses.push(error),
    });
    await attempts.record({ actor: {}, operation: 'x', reason: 'y', keypairId: undefined });

    expect(losses).toEqual([gone]);
  });
});

describe('a flood', () => {
  test('is sixty events of an address in a minute, and one that counts the rest', async () => {
    const { attempts, attempt, events, clock } = recorder();
    for (let sent = 0; sent < 100; sent++) {
      await attempt('192.0.2.1');
    }
    expect(events).toHaveLength(60);

    clock.now += MINUTE;
    attempts.sweep();
    expect(events).toHaveLength(61);
    expect(events[60]).toEqual({
      action: 'suspicious_request',
      app: 'authentik.crypto.api',
      actor: { address: '192.0.2.1' },
      context: { message: expect.any(String), count: 40, window_seconds: 60 },
    });

    await attempt('192.0.2.1');
    expect(events).toHaveLength(62);
  });

  test('from one IPv6 network is one flood, whatever addresses of it are used', async () => {
    const { attempt, events } = recorder();
    for (let sent = 0; sent < 100; sent++) {
      await attempt(`2001:db8::${sent.toString(16)}`);
    }
    expect(events).toHaveLength(60);
  });

  test('from very many addresses is a thousand events in a minute, and one that counts the rest', async () => {
    const { attempts, attempt, events, clock } = recorder();
    for (let sent = 0; sent < 3000; sent++) {
      await attempt(`10.0.${sent >> 8}.${sent & 255}`);
    }
    expect(events).toHaveLength(1000);

    clock.now += MINUTE;
    attempts.sweep();
    expect(events.slice(1000)).toEqual([
      {
        action: 'suspicious_request',
        app: 'authentik.crypto.api',
        actor: {},
        context: { message: expect.any(String), count: 2000, window_seconds: 60 },
      },
    ]);
  });

  test('from ever new addresses is held in bounded memory, and what was counted of those that go is told', async () => {
    const { attempts, attempt, events } = recorder();
    await Promise.all(Array.from({ length: 70 }, () => attempt('192.0.2.1')));
    for (let sent = 0; sent < 10_001; sent++) {
      await attempt(`10.${sent >> 16}.${(sent >> 8) & 255}.${sent & 255}`);
    }

    expect(attempts.size).toBe(10_000);
    expect(toldOf(events).get('192.0.2.1')?.at(-1)).toEqual({ alone: false, count: 10 });
  });
});

type Step = { readonly address: string; readonly times: number } | { readonly wait: number } | 'sweep';

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        address: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'),
        times: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 50, max: 140 })),
      }),
    },
    { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 2 * MINUTE }) }) },
    { weight: 1, arbitrary: fc.constant('sweep' as const) },
  ),
);

/** What is to be told of each address, by a state machine that holds all of them. */
class Model {
  readonly told = new Map<string, { alone: boolean; count: number }[]>();
  readonly #minutes = new Map<string, { since: number; attempts: number }>();

  attempt(address: string, now: number): void {
    const minute = this.#minutes.get(address);
    if (minute !== undefined && now - minute.since < MINUTE) {
      minute.attempts++;
    } else {
      this.end(address);
      this.#minutes.set(address, { since: now, attempts: 1 });
    }
    if ((this.#minutes.get(address)?.attempts ?? 0) <= 60) {
      this.#tell(address, { alone: true, count: 1 });
    }
  }

  end(address: string): void {
    const rest = (this.#minutes.get(address)?.attempts ?? 0) - 60;
    this.#minutes.delete(address);
    if (rest > 0) {
      this.#tell(address, { alone: false, count: rest });
    }
  }

  endAll(): void {
    for (const address of [...this.#minutes.keys()]) {
      this.end(address);
    }
  }

  #tell(address: string, one: { alone: boolean; count: number }): void {
    this.told.set(address, [...(this.told.get(address) ?? []), one]);
  }
}

async function play(sequence: readonly Step[], recording: ReturnType<typeof recorder>, see: (now: number) => void) {
  const { attempts, attempt, clock } = recording;
  const sent = new Map<string, number>();
  const model = new Model();
  for (const step of sequence) {
    if (step === 'sweep') {
      attempts.sweep();
    } else if ('wait' in step) {
      clock.now += step.wait;
    } else {
      for (let time = 0; time < step.times; time++) {
        await attempt(step.address);
        model.attempt(step.address, clock.now);
      }
      sent.set(step.address, (sent.get(step.address) ?? 0) + step.times);
    }
    see(clock.now);
  }
  await attempts.close();
  model.endAll();
  return { sent, model };
}

test('of each address, up to sixty attempts of a minute are told one by one and the rest in one event', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const recording = recorder();
      const { model } = await play(sequence, recording, () => {});

      expect(toldOf(recording.events)).toEqual(model.told);
    }),
  );
});

test('no attempt is lost or told twice, and neither addresses nor events of a minute pass their bounds', async () => {
  const bounds = fc.record({ capacity: fc.integer({ min: 1, max: 3 }), limit: fc.integer({ min: 1, max: 150 }) });
  await fc.assert(
    fc.asyncProperty(steps, bounds, async (sequence, { capacity, limit }) => {
      const recording = recorder({ capacity, limit });
      const ends: { at: number; alone: number }[] = [];
      const { sent } = await play(sequence, recording, (at) => {
        expect(recording.attempts.size).toBeLessThanOrEqual(capacity);
        const all = [...toldOf(recording.events).values()].flat();
        ends.push({ at, alone: all.filter(({ alone }) => alone).length });
      });

      const told = [...toldOf(recording.events).values()].flat();
      const total = (counts: Iterable<number>) => [...counts].reduce((sum, count) => sum + count, 0);
      expect(total(told.map(({ count }) => count))).toBe(total(sent.values()));
      // Two minutes of the budget may touch a span that is shorter than one.
      for (const { at, alone } of ends) {
        const before = ends.findLast((end) => end.at <= at - MINUTE)?.alone ?? 0;
        expect(alone - before).toBeLessThanOrEqual(2 * limit);
      }
    }),
  );
});
