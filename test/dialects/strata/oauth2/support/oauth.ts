import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { registerSecret } from '../../../../support/leaks/secrets.ts';
import { present } from '../../../../support/present.ts';
import type { TestServer } from '../../../../support/server.ts';

/** Contract §1.1. */
export const TOKEN_BASES = ['/oauth2', '/auth/v1/oauth2', '/am/oauth2'] as const;

export const TSG = '1234567890';
export const OTHER_TSG = '2234567890';

/** A Certkeep token as a client of OAuth2 knows it. */
export interface Client {
  readonly id: string;
  readonly identifier: string;
  readonly secret: string;
}

/** Makes a token with every right in a tenant, or where it is told. */
export async function makeClient(server: TestServer, reach: readonly string[] = [`strata:${TSG}`]): Promise<Client> {
  return clientOf(server, await server.tokenWith([], { superuser: true, reach }));
}

export async function clientOf({ database }: TestServer, secret: string): Promise<Client> {
  const hash = createHash('sha256').update(secret).digest();
  const rows = await database.query<{ id: string; identifier: string }>(
    'SELECT id, identifier FROM tokens WHERE hash = $1',
    [hash],
  );
  return { ...present(rows[0]), secret };
}

export function basic(id: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}

/** Asks for a token as a client does: the body is what it is given, fields or a text. */
export async function ask(
  { url }: Pick<TestServer, 'url'>,
  body: Record<string, string> | string,
  headers: Record<string, string> = {},
  base: string = TOKEN_BASES[0],
) {
  const answer = await fetch(`${url}${base}/access_token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  if (typeof json['access_token'] === 'string') {
    registerSecret('access-token', present(json['access_token'].split('.')[2]));
  }
  return { status: answer.status, headers: answer.headers, json };
}

/** An access token for a tenant. */
export async function accessTokenOf(
  server: Pick<TestServer, 'url'>,
  { identifier, secret }: Client,
  tsg = TSG,
): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: `tsg_id:${tsg}` };
  const { status, json } = await ask(server, form, basic(identifier, secret));
  if (status !== 200) {
    throw new Error(`no access token: ${status} ${JSON.stringify(json)}`);
  }
  return json['access_token'] as string;
}

export async function publicKeys(
  { url }: Pick<TestServer, 'url'>,
  base: string = TOKEN_BASES[0],
): Promise<JsonWebKey[]> {
  const answer = await fetch(`${url}${base}/connect/jwk_uri`);
  return ((await answer.json()) as { keys: JsonWebKey[] }).keys;
}

export const headerOf = (jwt: string) => partOf(jwt, 0);
export const claimsOf = (jwt: string) => partOf(jwt, 1);

function partOf(jwt: string, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(present(jwt.split('.')[index]), 'base64url').toString()) as Record<string, unknown>;
}

/** Verifies by RFC 7515 §5.2 and OpenSSL, with nothing of what made the token. */
export function isSigned(jwt: string, keys: readonly JsonWebKey[]): boolean {
  const [header, payload, signature] = jwt.split('.');
  const jwk = keys.find((key) => key['kid'] === headerOf(jwt)['kid']);
  const key = createPublicKey({ key: present(jwk), format: 'jwk' });
  return verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(present(signature), 'base64url'));
}

/** How the API takes a bearer: 404 where it is let in, since there is no such certificate. */
export async function tryBearer(server: Pick<TestServer, 'url'>, bearer: string, headers: Record<string, string> = {}) {
  const path = `/config/identity/v1/certificates/${crypto.randomUUID()}`;
  const answer = await fetch(server.url + path, { headers: { ...headers, authorization: `Bearer ${bearer}` } });
  const { _errors: errors } = (await answer.json()) as { _errors: { code: string; message: string }[] };
  return `${answer.status} ${present(errors[0]).code} ${present(errors[0]).message}`;
}

export const LET_IN = '404 E005 Object Not Present';
export const REFUSED = '401 E016 Invalid Credential';
