import { expect } from 'vitest';
import { openssl, opensslPair, type PemPair } from '../../../support/openssl.ts';
import type { TestServer } from '../../../support/server.ts';
import { type Answer, ask } from '../../authentik/errors/support/refusal.ts';
import { certificatesOf } from './accounts.ts';

/** Certificates of accounts, by HTTP. Nothing here is taken from the code under test: names and texts are the contract's. */

export const TYPE = 'application/astra-certificate';
export const MEDIA_TYPE = `${TYPE}+json`;
export const PROBLEM = 'application/problem+json';

export type Fields = Readonly<Record<string, unknown>>;

const pairs = new Map<string, PemPair>();

/** A CA certificate of this name and its key, made once in a file. */
export function pairOf(commonName = 'Lab Seven Root CA'): PemPair {
  const pair = pairs.get(commonName) ?? opensslPair(commonName);
  pairs.set(commonName, pair);
  return pair;
}

export const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64');
export const certOf = (commonName?: string): string => base64(pairOf(commonName).certificate);

/** The end of a certificate's validity as this API writes it, by openssl. */
export function expiryOf(pem: string): string {
  const [, date = ''] = openssl(['x509', '-noout', '-enddate', '-dateopt', 'iso_8601'], pem).trim().split('=');
  return date.replace(' ', 'T');
}

/** A sound body of a POST. */
export const newBody = (fields: Fields = {}): Fields => ({ type: TYPE, version: '1.0', cert: certOf(), ...fields });
/** A sound body of a PUT that changes nothing. */
export const changedBody = (fields: Fields = {}): Fields => ({ type: TYPE, version: '1.0', ...fields });

export interface Stored {
  readonly path: string;
  readonly id: string;
  readonly entityTag: string;
  readonly body: Fields;
}

/** Stores a certificate, and expects 201. */
export async function stored(server: TestServer, account: string, fields: Fields = {}): Promise<Stored> {
  const answer = await ask(server, { method: 'POST', path: certificatesOf(account), body: newBody(fields) });
  expect(answer.status, answer.text.slice(0, 300)).toBe(201);
  const body = JSON.parse(answer.text) as Fields & { readonly id: string };
  return { path: `${certificatesOf(account)}/${body.id}`, id: body.id, entityTag: String(answer.headers.etag), body };
}

/** The resource at a path, and expects that it is there. */
export async function read(server: TestServer, path: string): Promise<Fields> {
  const answer = await ask(server, { method: 'GET', path });
  expect(answer.status, answer.text.slice(0, 300)).toBe(200);
  return JSON.parse(answer.text) as Fields;
}

export const put = (server: TestServer, path: string, fields: Fields, headers: Record<string, string> = {}) =>
  ask(server, { method: 'PUT', path, body: changedBody(fields), headers });

/** Expects a problem of the contract's §6, and gives its members. */
export function problemIn(answer: Answer, number: number): Fields {
  expect([answer.headers['content-type'], answer.text]).toEqual([PROBLEM, expect.any(String)]);
  const problem = JSON.parse(answer.text) as Fields;
  expect(problem, answer.text).toMatchObject({
    type: `https://astra.netapp.io/problems/${number}`,
    status: String(answer.status),
  });
  return problem;
}

/** How many rows are kept of an account, and all texts of every table in which something could be found. */
export async function dump(server: TestServer): Promise<string> {
  const tables = await server.database.query<{ name: string }>(
    "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
  );
  const texts = await Promise.all(
    tables.map(({ name }) => server.database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)),
  );
  return texts
    .flat()
    .map(({ row }) => row)
    .join('\n');
}
