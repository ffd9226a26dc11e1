import { isDeepStrictEqual } from 'node:util';
import type { TestServer } from '../support/server.ts';
import { difference } from './holds.ts';
import type { Caller, RbacAnswer, RbacLine } from './rbac-recording.ts';
import { makeTexts, putTwoPairs, storedPairs, type TwoPairs } from './rbac-store.ts';
import { parsed, sameMethods } from './replay.ts';

const UNKNOWN = '00000000-0000-4000-8000-00000000dead';

/**
 * Sends each recorded request to a store of its two pairs, compares the answer, and sees that a refused request changed nothing
 * and an accepted one what its method says.
 *
 * @param tokenOf the token that a caller sends; undefined for none
 * @returns by the id of the line, what differs
 */
export async function replayRbac(
  server: TestServer,
  lines: readonly RbacLine[],
  tokenOf: (caller: Caller, pairs: TwoPairs) => string | undefined | Promise<string | undefined>,
): Promise<Map<string, string[]>> {
  const differences = new Map<string, string[]>();
  const texts = makeTexts();
  let pairs = await putTwoPairs(server, texts);
  let before = await storedPairs(server);
  for (const line of lines) {
    const response = await send(server, line, pairs, await tokenOf(line.caller, pairs));
    const found = compare(line.expect, response, await response.text(), pairs);
    const after = await storedPairs(server);
    if (after.length - before.length !== addedBy(line) || (!isChanging(line) && !isDeepStrictEqual(before, after))) {
      found.push(difference('pairs afterwards', before, after));
    }
    if (found.length > 0) {
      differences.set(line.id, found);
    }
    if (!isDeepStrictEqual(before, after)) {
      pairs = await putTwoPairs(server, texts);
      before = await storedPairs(server);
    }
  }
  return differences;
}

/** PATCH isn't: the only accepted one is empty, and changes nothing. */
function isChanging({ method, expect }: RbacLine): boolean {
  return expect.status < 400 && ['POST', 'PUT', 'DELETE'].includes(method);
}

function addedBy(line: RbacLine): number {
  if (!isChanging(line) || line.method === 'PUT') {
    return 0;
  }
  return line.method === 'POST' ? 1 : -1;
}

function send(server: TestServer, line: RbacLine, pairs: TwoPairs, token: string | undefined): Promise<Response> {
  const path = line.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => pairs.ids.get(name) ?? UNKNOWN);
  return fetch(server.url + path, {
    method: line.method,
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(line.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(line.body === undefined ? {} : { body: JSON.stringify(line.body) }),
  });
}

function compare(expect: RbacAnswer, response: Response, text: string, pairs: TwoPairs): string[] {
  if (response.status !== expect.status) {
    return [difference('status', expect.status, `${response.status} ${text.slice(0, 300)}`)];
  }
  const body = parsed(text);
  const found: string[] = [];
  const check = (what: string, wanted: unknown, got: unknown) => {
    if (wanted !== undefined && !isDeepStrictEqual(wanted, got)) {
      found.push(difference(what, wanted, got));
    }
  };
  check('json', expect.json, body);
  check('keys', expect.keys, keysAmong(expect.keys, body));
  check('names', expect.names, results(body));
  check('count', expect.count, member(member(body, 'pagination'), 'count'));
  check('name', expect.name ?? expect.options_name, member(body, 'name'));
  check('actions', expect.actions, Object.keys(member(body, 'actions') ?? {}));
  check('type', expect.type, response.headers.get('content-type')?.split(';')[0]);
  check('disposition', expect.disposition, response.headers.get('content-disposition'));
  if (expect.data !== undefined) {
    const stored = pairs.texts.get(expect.data) ?? `no text ${expect.data}`;
    check('data', stored, expect.disposition === undefined ? member(body, 'data') : text);
  }
  if (expect.allow !== undefined && !sameMethods(expect.allow, response.headers.get('allow') ?? '')) {
    found.push(difference('allow', expect.allow, response.headers.get('allow')));
  }
  return found;
}

function keysAmong(wanted: readonly string[] | undefined, body: unknown): string[] {
  const isObject = typeof body === 'object' && body !== null;
  return isObject ? Object.keys(body).filter((key) => wanted?.includes(key) || isTelling(key)) : [];
}

/** OPTIONS shows by this key whether the caller may write, so more than recorded isn't allowed here. */
function isTelling(key: string): boolean {
  return key === 'actions';
}

function results(body: unknown): unknown[] | undefined {
  const list = member(body, 'results');
  return Array.isArray(list) ? list.map((item) => member(item, 'name')) : undefined;
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
