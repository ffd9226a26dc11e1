import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateToken } from '../../src/access/index.ts';
import { createDatabase } from '../support/database.ts';
import { capturedLines } from '../support/leaks/capture.ts';
import { needlesOf } from '../support/leaks/needles.ts';
import { LeakScanner } from '../support/leaks/scan.ts';
import { registerSecret } from '../support/leaks/secrets.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { printFigures } from './support/figures.ts';
import { startStallingProxy } from './support/stalling-proxy.ts';

const { certificate, privateKey } = opensslPair();
const text = () => randomBytes(24).toString('base64url');
/** Of each kind of secret one that nobody has; where it is planted, the server may not show it. */
const CANARIES = {
  field: text(),
  header: text(),
  parameter: text(),
  path: text(),
  token: generateToken(),
  passphrase: text(),
  key: privateKey,
};

function scannerFor(secrets: Readonly<Record<string, string>>): LeakScanner {
  const scanner = new LeakScanner();
  for (const [kind, secret] of Object.entries(secrets)) {
    for (const needle of needlesOf(secret)) {
      scanner.add(kind, needle);
    }
  }
  return scanner;
}

describe('the scan finds in a logger that hides nothing', () => {
  const forms: Readonly<Record<string, (secret: string) => string>> = {
    'as it is': (secret) => secret,
    'in base64': (secret) => Buffer.from(secret).toString('base64'),
    'in hexadecimal digits': (secret) => Buffer.from(secret).toString('hex'),
    'in a path': (secret) => `/a/${secret.replaceAll('\n', '%0A')}/b`,
  };
  const kinds = { ...CANARIES, kek: randomBytes(32).toString('base64') };
  const cases = Object.entries(kinds).flatMap(([kind, secret]) =>
    Object.entries(forms).map(([form, write]) => [kind, form, write(secret)] as const),
  );

  test.each(cases)('%s %s', (kind, _form, written) => {
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => lines.push(line) });
    logger.info({ deep: { in: [written] } }, 'x');
    logger.error(new Error(`no: ${written}`));
    const scanner = scannerFor({ [kind]: kinds[kind as keyof typeof kinds] });
    expect(lines.map((line) => scanner.kindsIn(line).has(kind))).toEqual([true, true]);
  });

  test.each([
    ['private-key block', privateKey],
    ['token', generateToken()],
    ['password of a database', 'postgresql://me:hunter2@db/keep'],
  ])('%s by its look alone', (kind, written) => {
    expect(new LeakScanner().kindsIn(JSON.stringify({ written }))).toContain(kind);
  });

  test('nothing in lines that hold nothing', () => {
    const line = JSON.stringify({
      reqId: randomBytes(16).toString('hex'),
      url: `${PAIRS}${randomBytes(16).toString('hex')}/`,
    });
    expect(scannerFor(kinds).kindsIn(line).size).toBe(0);
  });
});

let server: TestServer;
let planted = 0;
beforeAll(async () => {
  for (const [kind, secret] of Object.entries(CANARIES)) {
    registerSecret(`canary in a ${kind}`, secret);
  }
  server = await startServer({ bodyLimit: 8192, requestTimeoutMs: 1000 });
  server.foreseeMistakes();
});
afterAll(() => server.close());

/** Sends a request with a canary in its headers, and perhaps elsewhere. */
async function plant(
  to: TestServer,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const everywhere = {
    'x-secret': CANARIES.header,
    cookie: `session=${CANARIES.header}`,
    'user-agent': CANARIES.header,
  };
  const answer = await to.request(method, path, body, { ...everywhere, ...headers });
  await answer.arrayBuffer();
  planted++;
  return answer.status;
}

const whole = { name: 'planted', certificate_data: certificate, key_data: privateKey };
const broken = `{"name": "x", "key_data": "${CANARIES.field}", "certificate_data": ${CANARIES.field}}`;
const pem = `-----BEGIN PRIVATE KEY-----\n${CANARIES.field}\n-----END PRIVATE KEY-----`;
const encoded = encodeURIComponent(privateKey);

test('a server that is shown secrets in every place logs none of them', async () => {
  const statuses = [
    await plant(server, 'POST', PAIRS, whole),
    await plant(server, 'POST', PAIRS, whole),
    await plant(server, 'POST', PAIRS, {
      name: CANARIES.field,
      certificate_data: CANARIES.field,
      key_data: CANARIES.field,
    }),
    await plant(server, 'POST', PAIRS, { name: ['x', CANARIES.field], certificate_data: certificate, key_data: pem }),
    await plant(server, 'POST', PAIRS, { ...whole, [CANARIES.field]: CANARIES.field }),
    await plant(server, 'POST', PAIRS, broken),
    await plant(server, 'POST', PAIRS, `name=${CANARIES.field}&key_data=${encoded}`, {
      'content-type': 'application/x-www-form-urlencoded',
    }),
    await plant(server, 'POST', PAIRS, CANARIES.field, { 'content-type': `text/${CANARIES.header}` }),
    await plant(server, 'POST', PAIRS, { ...whole, padding: CANARIES.field.repeat(400) }),
    await plant(server, 'POST', `${PAIRS}generate/`, {
      common_name: 'x',
      validity_days: CANARIES.field,
      alg: CANARIES.field,
    }),
    await plant(server, 'PATCH', `${PAIRS}${CANARIES.path}/`, { key_data: privateKey }),
    await plant(server, 'DELETE', `${PAIRS}generate/?secret=${CANARIES.parameter}`, whole),
    await plant(server, 'GET', `${PAIRS}?passphrase=${CANARIES.passphrase}&${CANARIES.parameter}=1&key=${encoded}`),
    await plant(server, 'GET', `${PAIRS}?search=${CANARIES.token}&name=${encoded}`),
    await plant(server, 'GET', `${PAIRS}?key_type=${CANARIES.token}&page=${CANARIES.token}`),
    await plant(server, 'GET', `${PAIRS}${CANARIES.path}/view_private_key/?download&token=${CANARIES.token}`),
    await plant(server, 'GET', `/${CANARIES.path}/${encoded}?${CANARIES.parameter}`),
    await plant(server, 'GET', `/api/v3/${CANARIES.path}/`),
    await plant(server, 'GET', `/docs/${CANARIES.path}?${CANARIES.parameter}`),
    await plant(server, 'POST', `/-/health/live/?${CANARIES.parameter}`, CANARIES.field),
    await plant(server, 'GET', `${PAIRS}${CANARIES.path}%zz/`),
    await plant(server, 'GET', PAIRS, undefined, { authorization: `Bearer ${CANARIES.token}` }),
    await plant(server, 'GET', PAIRS, undefined, { authorization: `Basic ${btoa(`x:${CANARIES.passphrase}`)}` }),
    await plant(server, 'GET', PAIRS, undefined, { accept: `text/${CANARIES.header}` }),
    await plant(server, 'GET', PAIRS, undefined, { 'x-forwarded-for': CANARIES.header }),
    await plant(server, 'PUT', '/api/v3/root/config/', whole),
  ];
  expect(new Set(statuses)).toEqual(new Set([200, 201, 400, 403, 404, 405, 406, 413, 415]));

  const { port } = new URL(server.url);
  for (const bytes of [
    `GET /${CANARIES.path} HTTP/9.9\r\nHost: ${CANARIES.header}\r\n\r\n`,
    `${CANARIES.field} no HTTP\r\n\r\n`,
    `GET ${PAIRS} HTTP/1.1\r\nHo st: ${CANARIES.header}\r\n\r\n`,
    `GET ${PAIRS} HTTP/1.1\r\nX: ${CANARIES.header.repeat(600)}\r\n\r\n`,
    `POST ${PAIRS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nContent-Length: 999\r\n\r\n${broken}`,
  ]) {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
    await new Promise((resolve) => socket.resume().once('close', resolve));
    planted++;
  }
});

test('rows that were tampered with are told of without what they hold', async () => {
  const rows = await server.database.query<{ keypair_id: string }>(
    "UPDATE sealed_secrets SET ciphertext = ciphertext || '\\x00'::bytea RETURNING keypair_id",
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { keypair_id } of rows) {
    expect(await plant(server, 'GET', `${PAIRS}${keypair_id}/view_private_key/`)).toBe(500);
  }
});

test('a mistake of the server, and a database that is away or refuses, tell nothing of a request', async () => {
  const database = await createDatabase();
  const proxy = await startStallingProxy(database.url);
  const own = await startServer({ databaseUrl: proxy.url, databaseTimeoutMs: 300 }, database);
  own.foreseeMistakes();
  // Too short a one is known by the URL that it stands in.
  registerSecret('password of the database', new URL(proxy.url).password);
  await database.query("ALTER TABLE keypairs ADD CONSTRAINT refuses CHECK (name <> 'planted')");
  expect(await plant(own, 'POST', PAIRS, whole)).toBe(500);
  await database.query('ALTER TABLE keypairs RENAME COLUMN name TO called');
  expect(await plant(own, 'POST', PAIRS, { ...whole, name: CANARIES.field })).toBe(500);
  proxy.stall();
  expect(await plant(own, 'POST', PAIRS, whole)).toBe(503);
  expect(await plant(own, 'GET', `${PAIRS}?search=${CANARIES.token}`)).toBe(503);
  await own.close();
  await proxy.close();
  await database.drop();
});

afterAll(() => {
  const lines = capturedLines();
  const scanner = scannerFor({ ...CANARIES, superuser: server.token, sealing: server.kek });
  const found = lines.flatMap((line) => [...scanner.kindsIn(line)]);
  printFigures(
    `${planted} requests with secrets planted in them: ${lines.length} lines of log, ${found.length} secrets found`,
  );
  expect(lines.length).toBeGreaterThan(planted);
  expect(new Set(found)).toEqual(new Set());
});
