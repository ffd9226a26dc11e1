import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request as sendRequest } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../support/server.ts';
import { CLASSIFIED, type ClassifiedPath } from './classified-routes.ts';
import { exposure } from './support/exposure.ts';

const CHANNEL = 'fastify.initialization';
const TOKEN_INVALID = 'Token invalid/expired';
const REFUSALS: Readonly<Record<string, string>> = {
  C: 'Authentication credentials were not provided.',
  P: 'You do not have permission to perform this action.',
  T: TOKEN_INVALID,
};

/** The methods of each path, as Fastify was told of them. */
const routes = new Map<string, Set<string>>();
let server: TestServer;
let tokens: Readonly<Record<'noRight' | 'otherRealm' | 'otherScope', string>>;

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
  tokens = {
    noRight: await server.tokenWith([]),
    otherRealm: await server.tokenWith([], { superuser: true, reach: ['strata', 'astra'] }),
    otherScope: await server.tokenWith([], { superuser: true, reach: ['authentik:somewhere'] }),
  };
});
afterAll(() => server.close());

const material = opensslPair('routes.example');

async function makePair(): Promise<string> {
  const body = { name: crypto.randomUUID(), certificate_data: material.certificate, key_data: material.privateKey };
  const created = await server.request('POST', PAIRS, body);
  return ((await created.json()) as { pk: string }).pk;
}

interface Answer {
  readonly status: number;
  readonly detail: unknown;
}

/** Not by fetch, which refuses some methods. */
function send(method: string, path: string, token: string | undefined): Promise<Answer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const request = sendRequest(server.url + path, { method, headers }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      const isError = response.statusCode === 403 && text !== '';
      resolve({ status: response.statusCode ?? 0, detail: isError ? JSON.parse(text).detail : undefined });
    });
    request.on('error', reject).end();
  });
}

/** A refusal by its letter, anything else by its status. A HEAD is refused without a word. */
function inWords({ status, detail }: Answer, wanted: string): string {
  if (status !== 403) {
    return String(status);
  }
  const letter = Object.keys(REFUSALS).find((known) => REFUSALS[known] === detail);
  return letter ?? (detail === undefined && wanted in REFUSALS ? wanted : `403 ${detail}`);
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
  /** What each method is answered under a token, and what it should be. */
  async function compare(token: string | undefined, wanted: (method: string) => string): Promise<void> {
    const methods = [...(routes.get(path) ?? [])].sort();
    const got: string[] = [];
    for (const method of methods) {
      const request = classified.request.replace('{pair}', await pairFor(method));
      got.push(`${method} ${inWords(await send(method, request, token), wanted(method))}`);
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
    pair ??= await makePair();
    return method === 'DELETE' ? makePair() : pair;
  }

  const column = (index: number) => (method: string) => wantedOf(classified, method)[index] ?? 'unclassified';
  const asAnInvalidToken = (method: string) => (classified.ignoresTokens === true ? column(0)(method) : 'T');

  test('lets the superuser through', () => compare(server.token, column(2)));

  test('refuses a caller without a token as the contract does', () => compare(undefined, column(0)));

  test('refuses a token of no right as the contract does', () => compare(tokens.noRight, column(1)));

  test('reads a token of another realm as an unknown one', () => compare(tokens.otherRealm, asAnInvalidToken));

  test('reads a token of another scope as an unknown one', () => compare(tokens.otherScope, asAnInvalidToken));
});
