import { expect, onTestFinished, test } from 'vitest';
import { exposure } from '../http/support/exposure.ts';
import { present } from '../support/present.ts';
import { PAIRS, startServer } from '../support/server.ts';
import { printFigures } from './support/figures.ts';

type Limits = Partial<ReturnType<typeof exposure>['rateLimits']>;

async function start(rateLimits: Limits, trustedProxies: readonly string[] = []) {
  const server = await startServer({ exposure: exposure({ rateLimits, trustedProxies }) });
  onTestFinished(() => server.close());
  return server;
}

/** Sends so many at once, and tells how many were answered how. */
async function flood(count: number, request: () => Promise<Response>) {
  const begin = performance.now();
  const answers = await Promise.all(
    Array.from({ length: count }, async () => {
      const answer = await request();
      const { status, headers } = answer;
      return { status, headers, text: await answer.text(), retryAfter: headers.get('retry-after') };
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  const of = (status: number) => answers.filter((answer) => answer.status === status);
  return { seconds, of };
}

const secondsIn = (text: string) =>
  /^\{"detail":"Request was throttled\. Expected available in (1 second|(?:[02-9]|\d\d+) seconds)\."\}$/.exec(
    text,
  )?.[1];

test('a token gets ten seconds’ worth at once and then its rate, and hinders no other', async () => {
  const server = await start({ token: 2 });
  const { seconds, of } = await flood(100, () => server.request('GET', PAIRS));
  const passed = of(200).length;
  printFigures(
    `100 requests of one token at once in ${seconds.toFixed(2)} s: ${passed} passed (20, and 2 a second), 429 to the rest`,
  );
  expect(passed).toBeGreaterThanOrEqual(20);
  expect(passed).toBeLessThanOrEqual(20 + Math.ceil(2 * seconds));
  expect(of(429)).toHaveLength(100 - passed);
  for (const { text, retryAfter } of of(429)) {
    // Django REST framework's words.
    expect(secondsIn(text)).toMatch(new RegExp(`^${retryAfter} second`));
  }
  expect((await fetch(server.url + PAIRS)).status).toBe(403);
  expect((await fetch(`${server.url}/-/health/ready/`)).status).toBe(200);
});

test('an address gets ten seconds’ worth at once and then its rate, whatever its paths, and probes are not counted', async () => {
  const server = await start({ address: 2 }, ['127.0.0.1']);
  let turn = 0;
  const paths = [PAIRS, '/nowhere', '/docs/', '/api/v3/root/config/'];
  const ask = () => fetch(server.url + paths[turn++ % paths.length], { headers: { 'x-forwarded-for': '192.0.2.1' } });
  const { seconds, of } = await flood(100, ask);
  const refused = of(429);
  printFigures(`100 requests from one address at once in ${seconds.toFixed(2)} s: 429 to ${refused.length}`);
  expect(100 - refused.length).toBeGreaterThanOrEqual(20);
  expect(100 - refused.length).toBeLessThanOrEqual(20 + Math.ceil(2 * seconds));
  expect(refused.every(({ retryAfter }) => Number(retryAfter) >= 1)).toBe(true);
  // In the shape of the path: of the API's as the original words it, elsewhere a page.
  expect(new Set(refused.map(({ text }) => (secondsIn(text) === undefined ? text.slice(0, 15) : 'worded')))).toEqual(
    new Set(['worded', '<!doctype html>']),
  );
  const probes = await flood(50, () =>
    fetch(`${server.url}/-/health/live/`, { headers: { 'x-forwarded-for': '192.0.2.1' } }),
  );
  expect(probes.of(200)).toHaveLength(50);
  const other = await server.request('GET', PAIRS, undefined, { 'x-forwarded-for': '192.0.2.2' });
  expect(other.status).toBe(200);
});

test('all of a /64 is one address, and the original’s headers are on a refusal too', async () => {
  const server = await start({ address: 1 }, ['127.0.0.1']);
  let host = 0;
  const { of } = await flood(40, () =>
    server.request('GET', PAIRS, undefined, { 'x-forwarded-for': `2001:db8:1:2:${(host++).toString(16)}ff::1` }),
  );
  expect(of(429).length).toBeGreaterThanOrEqual(20);
  // Contract §1.8.
  expect(Object.fromEntries(present(of(429)[0]).headers)).toMatchObject({
    'x-powered-by': 'authentik',
    allow: 'GET, POST, HEAD, OPTIONS',
    'content-type': 'application/json',
  });
  const neighbour = await server.request('GET', PAIRS, undefined, { 'x-forwarded-for': '2001:db8:1:3::1' });
  expect(neighbour.status).toBe(200);
});

test('failed logins are counted together, whatever the token, and a token that is let in still is', async () => {
  const server = await start({ failedLogins: 30 });
  let guess = 0;
  const { seconds, of } = await flood(100, () =>
    server.request('GET', PAIRS, undefined, { authorization: `Bearer guess-${guess++}` }),
  );
  const failed = of(403);
  printFigures(
    `100 wrong tokens at once in ${seconds.toFixed(2)} s: ${failed.length} told so (30, and one in two seconds), 429 to the rest`,
  );
  expect(failed.length).toBeGreaterThanOrEqual(30);
  expect(failed.length).toBeLessThanOrEqual(30 + Math.ceil(seconds / 2));
  expect(of(429)).toHaveLength(100 - failed.length);
  const good = await flood(100, () => server.request('GET', PAIRS));
  expect(good.of(200)).toHaveLength(100);
  // Nobody tried to log in here.
  expect((await fetch(server.url + PAIRS)).status).toBe(403);
});

test('a login that failed is told of, also where there were too many before', async () => {
  const server = await start({ failedLogins: 1 });
  const view = `${PAIRS}00000000-0000-4000-8000-00000000dead/view_private_key/`;
  const { of } = await flood(5, () => server.request('GET', view, undefined, { authorization: 'Bearer guess' }));
  expect(of(429).length).toBeGreaterThanOrEqual(3);
  for (const [action, count] of [
    ['suspicious_request', 5],
    ['login_failed', 1],
  ]) {
    const answer = await server.request('GET', `/api/v3/events/events/?actions=${action}`);
    expect(await answer.json()).toMatchObject({ pagination: { count } });
  }
});

test('what an address says of itself changes nothing where no proxy is declared', async () => {
  const server = await start({ address: 1 });
  let host = 0;
  const { of } = await flood(40, () =>
    fetch(`${server.url}/nowhere`, { headers: { 'x-forwarded-for': `192.0.2.${host++}` } }),
  );
  expect(of(429).length).toBeGreaterThanOrEqual(20);
});

test('as the configuration is by default, a batch job meets no limit', async () => {
  const server = await start({});
  const { seconds, of } = await flood(700, () => server.request('GET', '/api/v3/root/config/'));
  printFigures(`700 requests of one token from one address in ${seconds.toFixed(1)} s: ${of(200).length} passed`);
  expect(of(200)).toHaveLength(700);
});
