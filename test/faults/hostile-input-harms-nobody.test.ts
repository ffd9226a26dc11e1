import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import type { Attack } from './support/attack.ts';
import { asn1Attacks, headAttacks, jsonAttacks, keyAttacks, largeAttacks, pemAttacks } from './support/attacks.ts';
import { p99, readBeside, sendReady, type Witness } from './support/bystander.ts';
import { inMs, printFigures } from './support/figures.ts';
import { manyExtensions } from './support/hostile-der.ts';

/** Of each attack, one after the other. */
const TIMES = 3;
const IDLE_READS = 200;
const ROOMY_BODY_LIMIT = 16 * 1024 * 1024;
/** In milliseconds. Far above what is measured, so that a busy machine does not fail it: a promise that no block is unbounded. */
const LONGEST_BLOCK = 1000;
const LONGEST_ROOMY_BLOCK = 2000;
/** What a search can be slow on. */
const LONG_NAMES = 50;

const sound = opensslPair('sound.example').certificate;

let server: TestServer;
let roomy: TestServer;
/** A pair on each server, which somebody else reads. */
const read = new Map<TestServer, string>();
beforeAll(async () => {
  server = await startServer();
  roomy = await startServer({ bodyLimit: ROOMY_BODY_LIMIT });
  for (const each of [server, roomy]) {
    const created = await each.request('POST', PAIRS, { name: 'read by others', certificate_data: sound });
    read.set(each, `${((await created.json()) as { pk: string }).pk}/`);
    await witness(each, `idle, body limit ${each === roomy ? '16' : '1'} MiB`, () => idle(each));
  }
  await addLongNames(server);
});
afterAll(async () => {
  await server.close();
  await roomy.close();
});

/** Pairs whose names a pattern matches nearly, from every character on. */
async function addLongNames({ database }: TestServer): Promise<void> {
  await database.query(
    `INSERT INTO keypairs SELECT (jsonb_populate_record(k, jsonb_build_object('id', gen_random_uuid(),
       'name', repeat('a', 2000) || n, 'name_folded', repeat('A', 2000) || n))).*
     FROM keypairs k, generate_series(1, $1::int) n`,
    [LONG_NAMES],
  );
}

async function idle(target: TestServer): Promise<void> {
  for (let reads = 0; reads < IDLE_READS; reads++) {
    await sendReady(target, { method: 'GET', path: read.get(target) as string });
  }
}

/** Does something while another client reads, sees that each of its reads is answered and none waits long, and prints how fast. */
async function witness<T>(target: TestServer, what: string, act: () => Promise<T>): Promise<Witness<T>> {
  const seen = await readBeside(target, read.get(target) as string, act);
  const { statuses, durations, longestBlock } = seen;
  printFigures(
    `${what}: p99 of ${durations.length} reads beside it ${inMs(p99(durations))}; longest block of the event loop ${inMs(longestBlock)}`,
  );
  expect(statuses.length).toBeGreaterThan(0);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(longestBlock).toBeLessThan(target === roomy ? LONGEST_ROOMY_BLOCK : LONGEST_BLOCK);
  return seen;
}

/** Everything that an attack could leave behind. */
async function stored({ database }: TestServer): Promise<number> {
  const [row] = await database.query<{ rows: number }>(
    'SELECT ((SELECT count(*) FROM keypairs) + (SELECT count(*) FROM sealed_secrets))::int AS rows',
  );
  return row?.rows ?? Number.NaN;
}

async function withstand(target: TestServer, { what, make, status, fields, text: said }: Attack): Promise<void> {
  const requests = Array.from({ length: TIMES }, (_, time) => make(`${what} ${time}`));
  const before = await stored(target);
  const { result } = await witness(target, `${what} (${TIMES} times, ${status})`, async () => {
    const answers = [];
    for (const request of requests) {
      answers.push(await sendReady(target, request));
    }
    return answers;
  });
  expect(result.map((answer) => answer.status)).toEqual(requests.map(() => status));
  for (const { text } of fields === undefined ? [] : result) {
    const answer = JSON.parse(text) as Record<string, unknown>;
    expect(Object.keys(answer)).toEqual(fields);
    if (said !== undefined) {
      expect(new Set(Object.values(answer).flat())).toEqual(new Set([said]));
    }
  }
  if (status >= 400) {
    expect(await stored(target)).toBe(before);
  }
  if (status === 201) {
    await expectGivenBack(target, requests[0]?.body, result[0]?.text);
  }
}

/** What was accepted is stored byte for byte, without the blanks around it. */
async function expectGivenBack(target: TestServer, sent: Buffer | undefined, answer = ''): Promise<void> {
  const { pk } = JSON.parse(answer) as { pk: string };
  const { certificate_data } = JSON.parse(String(sent)) as { certificate_data: string };
  const viewed = await sendReady(target, { method: 'GET', path: `${pk}/view_certificate/?download` });
  // Compared apart: nobody wants to read how two texts of a megabyte differ.
  expect(viewed.text === certificate_data.trim()).toBe(true);
}

test('a chain that is too dear to be looked through is sealed, another stands in clear', async () => {
  const isClear = async (name: string, certificate_data: string) => {
    const created = await server.request('POST', PAIRS, { name, certificate_data });
    expect(created.status).toBe(201);
    const [row] = await server.database.query<{ clear: boolean }>(
      'SELECT certificate_data IS NOT NULL AS clear FROM keypairs WHERE name = $1',
      [name],
    );
    return row?.clear;
  };
  expect(await isClear('a long chain', sound.repeat(256))).toBe(true);
  expect(await isClear('a dear link', sound + manyExtensions(10_000))).toBe(true);
  expect(await isClear('dear links', sound + manyExtensions(10_000).repeat(2))).toBe(false);
});

const named = (attacks: readonly Attack[]) => attacks.map((attack) => [attack.what, attack] as const);

describe('is answered as the contract says, stores nothing where it is refused, and every read beside it is answered:', () => {
  test.each(named(pemAttacks(sound)))('PEM: %s', (_, attack) => withstand(server, attack));
  test.each(named(asn1Attacks()))('ASN.1: %s', (_, attack) => withstand(server, attack));
  test.each(named(keyAttacks(sound)))('keys: %s', (_, attack) => withstand(server, attack));
  test.each(named(jsonAttacks(sound)))('JSON: %s', (_, attack) => withstand(server, attack));
  test.each(named(headAttacks()))('heads: %s', (_, attack) => withstand(server, attack));

  test.each(named(largeAttacks(sound)))('beyond the limit: %s', (_, attack) =>
    withstand(server, { what: attack.what, make: attack.make, status: 413, fields: ['detail'] }),
  );
  test.each(named(largeAttacks(sound)))('within a larger limit: %s', (_, attack) => withstand(roomy, attack));
});
