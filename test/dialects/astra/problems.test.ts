import { Client as Connection } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { type Asking, ask } from '../authentik/errors/support/refusal.ts';
import { certificatesOf, keep, makeAccount, UNKNOWN_ID } from './support/accounts.ts';
import { base64, certOf, changedBody, newBody } from './support/certificates.ts';
import { expectBody, PROBLEMS, problemOf, wordsOf } from './support/problems.ts';

const BODY_LIMIT = 5000;
const CENTURY_MS = 100 * 365 * 24 * 60 * 60 * 1000;

/** Nobody who has a token is disabled, and nothing is ever in a state that can't be shown (contract §9.11). */
const NEVER_ANSWERED = [14, 164];

let ahead = 0;
let server: TestServer;
/** For what only a server in trouble answers. */
let troubled: TestServer;
/** Certificates of an account that has one. */
let certificates: string;
let certificate: string;
let id: string;
let reader: string;
beforeAll(async () => {
  server = await startServer({ bodyLimit: BODY_LIMIT }, undefined, undefined, () => new Date(Date.now() + ahead));
  troubled = await startServer({ databaseTimeoutMs: 1000 });
  const account = await makeAccount(server);
  certificates = certificatesOf(account);
  id = await keep(server, account);
  certificate = `${certificates}/${id}`;
  reader = await server.tokenWith(['view_certificatekeypair_certificate'], { reach: [`astra:${account}`] });
});
afterAll(async () => {
  await server.close();
  await troubled.close();
});

interface Case {
  /** What is asked for: a GET of the list where nothing else is said. */
  readonly asking: () => Partial<Asking>;
  readonly extras?: Readonly<Record<string, unknown>>;
  /** What has to be so meanwhile. */
  readonly while?: <T>(ask: () => Promise<T>) => Promise<T>;
  readonly of?: () => TestServer;
}

const reasonsOf = (...names: readonly string[]) => names.map((name) => ({ name, reason: expect.stringMatching(/\w/) }));
const post = (fields: object): Partial<Asking> => ({ method: 'POST', body: newBody(fields as Record<string, string>) });
const put = (fields: object): Partial<Asking> => ({
  method: 'PUT',
  path: certificate,
  body: changedBody({ ...fields }),
});

/** What provokes each problem that is ever answered, and what it says beside its words (contract §6). */
const CASES: Readonly<Record<number, Case>> = {
  1: { asking: () => ({ method: 'DELETE', path: `${certificates}/${UNKNOWN_ID}` }) },
  2: { asking: () => ({ path: `${certificates}/${UNKNOWN_ID}` }) },
  3: { asking: () => ({ headers: { authorization: null } }) },
  4: { asking: () => ({ headers: { authorization: 'Bearer nope' } }) },
  5: {
    asking: () => ({ path: `${certificates}?limit=0&orderBy=cn` }),
    extras: { invalidParams: reasonsOf('limit') },
  },
  6: {
    asking: () => ({ path: `${certificates}?skip=1&count=true` }),
    extras: { invalidParams: reasonsOf('skip', 'count') },
  },
  7: { asking: () => ({ method: 'POST', body: '{' }) },
  8: {
    asking: () => post({ metadata: { labels: [{ name: 'a', value: 1 }] }, certUse: 'rootCA' }),
    extras: { schemaValidationFailure: expect.stringMatching(/^metadata\.labels\[0\]\.value: /) },
  },
  9: {
    asking: () => post({ cert: base64('no certificate') }),
    extras: { invalidFields: reasonsOf('cert') },
  },
  10: { asking: () => put({ id: UNKNOWN_ID }), extras: { invalidFields: reasonsOf('id') } },
  11: { asking: () => ({ ...post({}), headers: { authorization: `Bearer ${reader}` } }) },
  12: {
    asking: () => ({ ...post({}), headers: { 'content-type': 'text/plain' } }),
    extras: { invalidParams: reasonsOf('Content-Type') },
  },
  18: { asking: () => ({ method: 'POST', path: certificatesOf(UNKNOWN_ID) }) },
  32: { asking: () => ({ headers: { accept: 'text/html' } }) },
  33: { asking: () => ({ path: certificatesOf('lab') }) },
  34: {
    of: () => troubled,
    asking: () => ({}),
    async while(request) {
      troubled.foreseeMistakes();
      await troubled.database.query('ALTER TABLE accounts RENAME COLUMN id TO lost_secret');
      return request();
    },
  },
  35: { asking: () => ({ path: `${certificates}/lab` }) },
  38: { asking: () => ({ ...put({}), headers: { 'if-match': '"of another state"' } }) },
  41: {
    of: () => troubled,
    asking: () => ({}),
    async while(request) {
      const lock = new Connection({ connectionString: troubled.database.url });
      await lock.connect();
      try {
        await lock.query('BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE');
        return await request();
      } finally {
        await lock.end();
      }
    },
  },
  69: { asking: () => ({ method: 'PATCH' }) },
  85: { asking: () => ({ method: 'POST', body: ' '.repeat(BODY_LIMIT + 1) }) },
  109: {
    asking: () => put({ trustStateDesired: 'trusted' }),
    async while(request) {
      const withDigest = (digest: string) =>
        server.database.query(`UPDATE trust_entries SET text_sha256 = ${digest} WHERE keypair_id = $1`, [id]);
      const [stored] = await server.database.query<{ digest: string }>(
        "SELECT encode(text_sha256, 'hex') AS digest FROM trust_entries WHERE keypair_id = $1",
        [id],
      );
      await withDigest("sha256('something else')");
      try {
        return await request();
      } finally {
        await withDigest(`decode('${stored?.digest}', 'hex')`);
      }
    },
  },
  110: {
    asking: () => put({ trustStateDesired: 'untrusted' }),
    async while(request) {
      ahead = CENTURY_MS;
      try {
        return await request();
      } finally {
        ahead = 0;
      }
    },
  },
};

test('each problem of the contract’s table is provoked here, or never answered', () => {
  const numbers = [...Object.keys(CASES).map(Number), ...NEVER_ANSWERED].toSorted((a, b) => a - b);
  expect(numbers).toEqual([...PROBLEMS.keys()]);
  expect(PROBLEMS.size).toBe(25);
});

const CASES_BY_NUMBER = Object.entries(CASES)
  .map(([number, each]) => [Number(number), each] as const)
  // The database is away before it is broken for good.
  .toSorted(([a], [b]) => Number(a === 34) - Number(b === 34));

describe('a problem, word for word, under the id that the log has', () => {
  test.each(CASES_BY_NUMBER)('%i', async (number, { asking, extras = {}, while: during, of = () => server }) => {
    const path = of() === server ? certificates : certificatesOf(UNKNOWN_ID);
    const request = () => ask(of(), { method: 'GET', path, ...asking() });
    const answer = await (during === undefined ? request() : during(request));

    expectBody(answer, wordsOf(number).status, problemOf(number, extras));
    const { correlationID: requestId } = JSON.parse(answer.text) as { correlationID: string };
    const logged = () =>
      of()
        .log()
        .filter(({ reqId }) => reqId === requestId);
    await until(() => logged().some(({ msg }) => msg === 'request completed'));
  });
});

test('a certificate that is none is told of to the log more exactly, under the same id', async () => {
  const body = newBody({ cert: base64(Buffer.from(certOf(), 'base64').subarray(0, 300)) });
  const answer = await ask(server, { method: 'POST', path: certificates, body });
  const { correlationID: requestId } = JSON.parse(answer.text) as { correlationID: string };
  const lines = server.log().filter(({ reqId, msg }) => reqId === requestId && msg === 'request refused');
  expect(lines).toMatchObject([{ reasons: { cert: expect.stringMatching(/^[A-Z_]+/) } }]);
});
