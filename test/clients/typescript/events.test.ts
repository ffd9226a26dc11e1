import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgetEvents, plant } from '../../dialects/authentik/events/support.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { RELEASES } from './clients.ts';

let server: TestServer;
let viewed: string;
beforeAll(async () => {
  server = await startServer();
  await forgetEvents(server.database);
  viewed = await plant(server.database, {
    created_at: '2026-03-01T12:00:01.250Z',
    action: 'secret_view',
    app: 'authentik.crypto.api',
    username: 'ada',
    client_address: '192.0.2.7',
    context: '{"secret":{"pk":"a0b1","name":"x"},"type":"private_key"}',
  });
  await plant(server.database, { created_at: '2026-03-01T12:00:00.000Z' });
});
afterAll(() => server.close());

describe.each(RELEASES)('the TypeScript client of %s', (_release, { connect, ResponseError }) => {
  test('lists events, the newest first', async () => {
    const { pagination, results } = await connect(server).events.eventsEventsList({});

    expect(pagination.count).toBe(2);
    expect(results.map(({ action }) => action)).toEqual(['secret_view', 'model_updated']);
  });

  test('filters by the parameters that it knows', async () => {
    const { events } = connect(server);
    const of = async (query: Parameters<typeof events.eventsEventsList>[0]) =>
      (await events.eventsEventsList(query)).results.map(({ pk }) => pk);

    expect(await of({ action: 'secret', username: 'ada', clientIp: '192.0.2.7', pageSize: 5 })).toEqual([viewed]);
    expect(await of({ contextModelPk: 'a0b1' })).toEqual([]);
    expect(await of({ search: 'private_key', ordering: 'created' })).toEqual([viewed]);
  });

  test('reads every field of an event', async () => {
    expect(await connect(server).events.eventsEventsRetrieve({ eventUuid: viewed })).toMatchObject({
      pk: viewed,
      user: { username: 'ada', email: '' },
      action: 'secret_view',
      app: 'authentik.crypto.api',
      context: { secret: { pk: 'a0b1', name: 'x' }, type: 'private_key' },
      clientIp: '192.0.2.7',
      created: new Date('2026-03-01T12:00:01.250Z'),
      expires: new Date('9999-12-31T23:59:59Z'),
      brand: {},
    });
  });

  test('is told that nobody makes events', async () => {
    const { events } = connect(server);
    const made = events.eventsEventsCreate({ eventRequest: { action: 'login', app: 'x' } });

    await expect(made).rejects.toThrow(ResponseError);
    await expect(made).rejects.toMatchObject({ response: { status: 405 } });
  });
});

test('each answer was of a path that is held against authentik’s own schema', () => {
  expect(server.validated).toMatchObject({ described: 10, undescribed: 2, unrelated: 0 });
});
