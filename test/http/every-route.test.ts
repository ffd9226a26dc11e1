import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request as sendRequest } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keep, makeAccount } from '../dialects/astra/support/accounts.ts';
import { seed } from '../dialects/strata/support/seed.ts';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { CLASSIFIED, type ClassifiedPath } from './classified-routes.ts';
import { exposure } from './support/exposure.ts';

const CHANNEL = 'fastify.initialization';

/** How a dialect refuses, by the letter of the refusal. */
interface Words {
  readonly refusals: Readonly<Record<string, readonly [status: number, text: string]>>;
  /** What a refusal says, of its body. */
  textOf(body: unknown): unknown;
  /** Tokens of every right that are let in elsewhere, by where that is. */
  readonly elsewhere: Readonly<Record<string, readonly string[]>>;
}

const WORDS = {
  authentik: {
    refusals: {
      C: [403, 'Authentication credentials were not provided.'],
      P: [403, 'You do not have permission to perform this action.'],
      T: [403, 'Token invalid/expired'],
    },
    textOf: (body) => (body as { detail: unknown }).detail,
    elsewhere: { 'another realm': ['strata', 'astra'], 'another scope': ['authentik:somewhere'] },
  },
  strata: {
    refusals: { C: [401, 'Not Authenticated'], P: [403, 'Unauthorized'], T: [401, 'Invalid Credential'] },
    textOf: (body) => (body as { _errors: { message: unknown }[] })._errors[0]?.message,
    elsewhere: { 'another realm': ['authentik', 'astra'], 'no tenant’s scope': ['strata:somewhere'] },
  },
  astra: {
    refusals: {
      C: [401, 'Missing bearer token'],
      P: [403, 'Operation not permitted'],
      T: [401, 'Invalid bearer token'],
    },
    textOf: (body) => (body as { title: unknown }).title,
    elsewhere: { 'another realm': ['authentik', 'strata'] },
  },
} as const satisfies Readonly<Record<string, Words>>;

type Dialect = keyof typeof WORDS;

const dialectOf = ({ dialect }: ClassifiedPath): Dialect => dialect ?? 'authentik';

/** The methods of each path, as Fastify was told of them. */
const routes = new Map<string, Set<string>>();
let server: TestServer;
let account: string;
/** By dialect. */
let withoutRights: Readonly<Record<Dialect, string>>;

/** Before any plugin is there: whatever is registered, in any scope, is seen. */
function collect(message: unknown): void {
  (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ url, method }) => {
    const known = routes.get(url) ?? new Set();
    routes.set(url, new Set([...known, ...[method].flat()]));
  });
}

beforeAll(async () => {
  subscribe(CHANNEL, collect);
  // All come from one address, and most are refused.
  server = await startServer({ exposure: exposure({ rateLimits: { token: 0, address: 0, failedLogins: 0 } }) });
  unsubscribe(CHANNEL, collect);
  withoutRights = {
    authentik: await server.tokenWith([]),
    strata: await server.tokenWith([], { reach: ['strata'] }),
    astra: await server.tokenWith([], { reach: ['astra'] }),
  };
  account = await makeAccount(server);
});
afterAll(() => server.close());

const material = opensslPair('routes.example');

async function makePair(dialect: Dialect): Promise<string> {
  if (dialect === 'strata') {
    return (await seed(server, { material })).id;
  }
  if (dialect === 'astra') {
    return keep(server, account);
  }
  const body = { name: crypto.randomUUID(), certificate_data: material.certificate, key_data: material.privateKey };
  const created = await server.request('POST', PAIRS, body);
  return ((await created.json()) as { pk: string }).pk;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Not by fetch, which refuses some methods. */
function send(method: string, path: string, token: string | undefined): Promise<Answer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const request = sendRequest(server.url + path, { method, headers }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      resolve({ status: response.statusCode ?? 0, text });
    });
    request.on('error', reject).end();
  });
}

/** A refusal by its letter, anything else by its status. A HEAD is refused without a word. */
function inWords({ status, text }: Answer, wanted: string, { refusals, textOf }: Words): string {
  if (status !== 401 && status !== 403) {
    return String(status);
  }
  if (text === '') {
    return refusals[wanted]?.[0] === status ? wanted : String(status);
  }
  const said = textOf(JSON.parse(text));
  const letter = Object.keys(refusals).find(
    (known) => refusals[known]?.[0] === status && refusals[known]?.[1] === said,
  );
  return letter ?? `${status} ${said}`;
}

function wantedOf({ methods, otherMethods }: ClassifiedPath, method: string): readonly string[] {
  const answers = methods[method] ?? otherMethods;
  return answers === undefined ? ['unclassified'] : answers.split(' ');
}

test('every path that Fastify routes is classified, and every one that is classified is routed', () => {
  expect([...routes.keys()].sort()).toEqual(Object.keys(CLASSIFIED).sort());
});

test('what is for callers without a token says why', () => {
  const isOpen = ({ methods, otherMethods }: ClassifiedPath) =>
    [...Object.values(methods), otherMethods].some((answers) => answers !== undefined && !/^[CP] /.test(answers));

  for (const [path, classified] of Object.entries(CLASSIFIED)) {
    expect(classified.openBecause !== undefined, path).toBe(isOpen(classified));
  }
});

describe.each(Object.entries(CLASSIFIED))('%s', (path, classified) => {
  const dialect = dialectOf(classified);
  const words: Words = WORDS[dialect];

  /** What each method is answered under a token, and what it should be. */
  async function compare(token: string | undefined, wanted: (method: string) => string): Promise<void> {
    const methods = [...(routes.get(path) ?? [])].sort();
    const got: string[] = [];
    for (const method of methods) {
      const request = classified.request.replace('{account}', account).replace('{pair}', await pairFor(method));
      got.push(`${method} ${inWords(await send(method, request, token), wanted(method), words)}`);
    }
    expect(methods.length).toBeGreaterThan(0);
    expect(got).toEqual(methods.map((method) => `${method} ${wanted(method)}`));
  }

  let pair: string | undefined;
  /** A deletion takes one of its own with it. */
  async function pairFor(method: string): Promise<string> {
    if (!classified.request.includes('{pair}')) {
      return '';
    }
    pair ??= await makePair(dialect);
    return method === 'DELETE' ? makePair(dialect) : pair;
  }

  const column = (index: number) => (method: string) => wantedOf(classified, method)[index] ?? 'unclassified';
  const asAnInvalidToken = (method: string) => (classified.ignoresTokens === true ? column(0)(method) : 'T');

  test('lets the superuser through', () => compare(server.token, column(2)));

  test('refuses a caller without a token as the contract does', () => compare(undefined, column(0)));

  test('refuses a token of no right as the contract does', () => compare(withoutRights[dialect], column(1)));

  test.each(Object.entries(words.elsewhere))('reads a token of %s as an unknown one', async (_where, reach) => {
    await compare(await server.tokenWith([], { superuser: true, reach }), asAnInvalidToken);
  });

  if (dialect === 'strata') {
    test('shows the superuser of another tenant none of this one', async () => {
      const ofNothing = (method: string) =>
        classified.request.includes('{pair}') && ['200', '400'].includes(column(2)(method)) ? '404' : column(2)(method);
      await compare(await server.tokenWith([], { superuser: true, reach: ['strata:42'] }), ofNothing);
    });
  }

  if (dialect === 'astra') {
    test('lets the superuser of another account do nothing in this one', async () => {
      const showsMany = !classified.request.includes('{pair}');
      const reach = [`astra:${await makeAccount(server)}`];
      await compare(await server.tokenWith([], { superuser: true, reach }), (method) =>
        method === 'GET' && showsMany ? '404' : 'P',
      );
    });
  }
});
