import Fastify, { type FastifyRequest } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NotAuthenticated, TokenInvalid } from '../../src/access/index.ts';
import type { NewEvent } from '../../src/audit/index.ts';
import { watchRefusals } from '../../src/http/index.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const request = { url: '/', method: 'GET', id: '00', ip: '192.0.2.1', headers: {} } as unknown as FastifyRequest;
const onKey = async () => ({ operation: 'authentik.certificatekeypairs.destroy', keypairId: undefined }) as const;

function watched() {
  const events: NewEvent[] = [];
  const app = Fastify();
  const trail = {
    prepare() {
      throw new Error('nothing is written in a transaction here');
    },
    record: async (event: NewEvent) => void events.push(event),
  };
  return { app, refusals: watchRefusals(app, trail), events };
}

test('what a flood left to be counted is told within seconds of its minute’s end, though nothing comes any more', async () => {
  const { app, refusals, events } = watched();
  for (let sent = 0; sent < 70; sent++) {
    await refusals.tell(request, new NotAuthenticated(), onKey);
  }
  expect(events).toHaveLength(60);

  vi.advanceTimersByTime(65_000);
  expect(events.slice(60)).toEqual([expect.objectContaining({ context: expect.objectContaining({ count: 10 }) })]);
  await app.close();
});

test('nothing runs on when the app has ended', async () => {
  const { app } = watched();
  expect(vi.getTimerCount()).toBe(1);
  await app.close();

  expect(vi.getTimerCount()).toBe(0);
});

test('a limit may ask how many tokens of an address were not let in', async () => {
  const { app, refusals } = watched();
  await refusals.tell(request, new TokenInvalid(), async () => undefined);
  await refusals.tell(request, new NotAuthenticated(), async () => undefined);

  expect(refusals.loginFailures.count('192.0.2.1')).toBe(1);
  await app.close();
});
