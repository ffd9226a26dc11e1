import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Exposition, parseExposition } from '../../support/exposition.ts';
import { sendRaw } from '../../support/send-raw.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

const COUNT = 'http_server_request_duration_seconds_count';
const ONE_PAIR = '/api/v3/crypto/certificatekeypairs/:kp_uuid/';

let server: TestServer;
/** What lets the requests go on that ask to be held. */
let release = () => {};
let held = Promise.resolve();

beforeAll(async () => {
  server = await startServer({ requestTimeoutMs: 1000 }, undefined, (app) => {
    app.addHook('onRequest', async (request) => {
      if (request.headers['x-hold'] !== undefined) {
        await held;
      }
    });
  });
});
afterAll(() => server.close());

const scrape = async (): Promise<Exposition> => parseExposition(await server.metrics());

interface Ended {
  readonly http_request_method: string;
  readonly http_route: string;
  readonly http_response_status_code: string;
}

const ended = (method: string, route: string, status: number | ''): Ended => ({
  http_request_method: method,
  http_route: route,
  http_response_status_code: String(status),
});

/** Whatever is sent is counted as what is expected, once, and as nothing else. */
async function expectCounted(expected: Ended, send: () => Promise<unknown>, times = 1): Promise<void> {
  const before = await scrape();
  const total = (of: Exposition) => of.of(COUNT).reduce((sum, { value }) => sum + value, 0);
  await send();
  await until(async () => total(await scrape()) >= total(before) + times);
  const after = await scrape();
  expect((after.value(COUNT, { ...expected }) ?? 0) - (before.value(COUNT, { ...expected }) ?? 0)).toBe(times);
  expect(total(after) - total(before)).toBe(times);
  await until(async () => (await scrape()).value('http_server_active_requests') === 0);
}

function hold(): void {
  held = new Promise((resolve) => {
    release = resolve;
  });
}

const raw = (text: string) => () => sendRaw(server.url, text);

describe('a request is counted once, by its method, the template of its route and its status:', () => {
  it.each([
    ['GET', PAIRS, PAIRS, 200],
    ['GET', `${PAIRS}${randomUUID()}/`, ONE_PAIR, 404],
    ['DELETE', `${PAIRS}${randomUUID()}/`, ONE_PAIR, 404],
    ['POST', PAIRS, PAIRS, 400],
    ['GET', '/-/health/ready/', '/-/health/ready/', 200],
    ['GET', `/api/v3/${randomUUID()}`, 'unmatched', 404],
    ['GET', '/%zz', 'unmatched', 400],
    ['GET', '/sse/config/v1/certificates', '/sse/config/v1/certificates', 400],
    ['GET', `/sse/config/v1/${randomUUID()}`, 'unmatched', 404],
    ['GET', '/sse/config/v2/certificates', '/sse/config/:version/*', 501],
    ['GET', `/accounts/${randomUUID()}/core/v1/certificates`, '/accounts/:account_id/core/v1/certificates', 404],
    ['GET', `/accounts/${randomUUID()}/core/v1/x/${randomUUID()}`, 'unmatched', 404],
  ] as const)('%s %s', async (method, path, route, status) => {
    await expectCounted(ended(method, route, status), async () => {
      const response = await server.request(method, path, method === 'POST' ? {} : undefined);
      await response.text();
    });
  });

  it('of a caller who is not let in', async () => {
    await expectCounted(ended('GET', PAIRS, 403), () =>
      server.request('GET', PAIRS, undefined, { authorization: 'Bearer nope' }),
    );
  });

  it('of a method that is not among the known ones, by one name', async () => {
    await expectCounted(ended('_OTHER', PAIRS, 405), () => server.request('PROPFIND', PAIRS));
  });
});

describe('a request that gets no further than to Node is counted too:', () => {
  it('one that is no HTTP', async () => {
    await expectCounted(ended('_OTHER', 'unmatched', 400), raw('what?\r\n\r\n'));
  });

  it('one whose head is too large', async () => {
    const head = `GET ${PAIRS} HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`;
    await expectCounted(ended('_OTHER', 'unmatched', 431), raw(head));
  });

  it('one that expects what nobody meets', async () => {
    const head = `GET ${PAIRS} HTTP/1.1\r\nhost: x\r\nexpect: a miracle\r\nconnection: close\r\n\r\n`;
    await expectCounted(ended('GET', 'unmatched', 417), raw(head));
  });

  it('one without a host', async () => {
    await expectCounted(ended('GET', PAIRS, 400), raw(`GET ${PAIRS} HTTP/1.1\r\n\r\n`));
  });

  it('one whose body does not come, by its route and the status that it is told', async () => {
    const token = `authorization: Bearer ${server.token}`;
    const head = `POST ${PAIRS} HTTP/1.1\r\nhost: x\r\n${token}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`;
    await expectCounted(ended('POST', PAIRS, 408), raw(head));
  });
});

describe('a client that leaves', () => {
  it('before its answer is counted without a status, also behind another one on its connection', async () => {
    hold();
    const { hostname, port } = new URL(server.url);
    const request = `GET ${PAIRS} HTTP/1.1\r\nhost: x\r\nx-hold: 1\r\nauthorization: Bearer ${server.token}\r\n\r\n`;
    await expectCounted(
      ended('GET', PAIRS, ''),
      async () => {
        const socket = connect(Number(port), hostname, () => socket.write(request.repeat(3)));
        await until(async () => (await scrape()).value('http_server_active_requests') === 3);
        socket.destroy();
        await until(async () => (await scrape()).value('http_server_active_requests') === 0);
        release();
      },
      3,
    );
  });
});

describe('the time of a request', () => {
  it('is in seconds, from its head to its answer', async () => {
    hold();
    const route = '/-/health/live/';
    const sum = async () => (await scrape()).value('http_server_request_duration_seconds_sum', { http_route: route });
    const bucket = async (le: string) =>
      (await scrape()).value('http_server_request_duration_seconds_bucket', { http_route: route, le });
    const answer = server.request('GET', route, undefined, { 'x-hold': '1' });
    await until(async () => (await scrape()).value('http_server_active_requests') === 1);
    setTimeout(release, 300);
    await answer;
    await until(async () => (await bucket('+Inf')) === 1);
    expect(await sum()).toBeGreaterThan(0.29);
    // As milliseconds it would be far more.
    expect(await sum()).toBeLessThan(100);
    expect(await bucket('0.25')).toBe(0);
  });
});
