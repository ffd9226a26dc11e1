import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { OPERATOR } from '../../src/audit/index.ts';
import { askForLongAnswers } from '../faults/support/long-answers.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

/** Two of the long answers, and not 64 KiB more. */
const BUDGET = 1_850_000;
/** Of 900,000 bytes each: more than the budget and what the system takes for a client together. */
const ANSWERS = 20;
const CERTIFICATES_WITH_LABELS = 6;

let server: TestServer;
/** What the slow client asks for again and again. */
let requests: string;
let long: string;
let account: string;
beforeAll(async () => {
  server = await startServer({ unsentOctets: BUDGET });
  requests = await askForLongAnswers(server, ANSWERS);
  long = /GET (\S+)/.exec(requests)?.[1] ?? '';
  account = await makeAccount();
});
afterAll(() => server.close());

/** An account whose list is larger than what is always sent: 64 KiB. */
async function makeAccount(): Promise<string> {
  const { id } = await server.accounts.create(OPERATOR, { name: 'long lists' });
  const cert = Buffer.from(opensslPair().certificate).toString('base64');
  for (let n = 0; n < CERTIFICATES_WITH_LABELS; n++) {
    const labels = Array.from({ length: 60 }, (_, index) => ({ name: `label-${index}`, value: 'v'.repeat(200) }));
    const body = {
      type: 'application/astra-certificate',
      version: '1.1',
      cert,
      isSelfSigned: 'true',
      metadata: { labels },
    };
    expect((await server.request('POST', `/accounts/${id}/core/v1/certificates`, body)).status).toBe(201);
  }
  return id;
}

/** Asks for more than the budget and reads nothing, until other large answers are refused. */
async function readNothing(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const client = connect({ host: hostname, port: Number(port) });
  client.on('error', () => {});
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  client.write(requests);
  await until(async () => (await statusOf(long)) === 503);
  return client;
}

async function statusOf(path: string): Promise<number> {
  const response = await server.request('GET', path);
  await response.arrayBuffer();
  return response.status;
}

/** The answer to an import at Strata's API repeats the file as it was sent, blank lines included. */
async function importWithLongAnswer() {
  const certificate_file = `${Buffer.from(opensslPair().certificate).toString('base64')}${'\n'.repeat(100_000)}`;
  const body = { folder: 'Shared', name: 'long', format: 'pem', certificate_file };
  const response = await server.request('POST', '/config/identity/v1/certificates:import', body);
  return { status: response.status, text: await response.text() };
}

test('large answers are 503 while clients leave more unread than the budget, in the words of each API', async () => {
  await readNothing();

  const pair = await server.request('GET', `${long}?download`);
  expect([pair.status, pair.headers.get('retry-after'), pair.headers.get('content-disposition')]).toEqual([
    503,
    '1',
    null,
  ]);
  expect(pair.headers.get('content-type')).toBe('application/json');
  expect(await pair.json()).toEqual({ detail: 'Service Unavailable.' });

  const list = await server.request('GET', `/accounts/${account}/core/v1/certificates`);
  expect([list.status, list.headers.get('retry-after')]).toEqual([503, '1']);
  expect(list.headers.get('content-type')).toBe('application/problem+json');
  expect(await list.json()).toMatchObject({ title: 'Service not ready', status: '503' });
});

test('small answers, and those to what changed something, are sent all the same', async () => {
  await readNothing();

  expect(await statusOf(`${PAIRS}?page_size=1`)).toBe(200);
  const { status, text } = await importWithLongAnswer();
  expect(status).toBe(201);
  expect(text.length).toBeGreaterThan(100_000);
});

test('once the unread answers are gone with their client, large ones are sent again', async () => {
  const client = await readNothing();

  client.destroy();

  await until(async () => (await statusOf(long)) === 200);
});

test('one after the other, answers of more than the budget together are all sent', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < ANSWERS; n++) {
    statuses.push(await statusOf(long));
  }
  expect(new Set(statuses)).toEqual(new Set([200]));
});
