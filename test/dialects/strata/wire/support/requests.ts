import { expect } from 'vitest';
import { registerSecret } from '../../../../support/leaks/secrets.ts';
import type { Shown } from '../../support/generate.ts';
import type { WireAnswer } from './connection.ts';

/** `certificates-get`, and the list of them (contract §5, §6). */
export interface Listed {
  readonly data: readonly (Shown & { readonly not_valid_after: string })[];
  readonly offset: number;
  readonly limit: number;
  readonly total: number;
}

/** The headers that each client sends beside those of the request. */
export const GO = ['User-Agent: OpenAPI-Generator/1.0.0/go', 'Accept-Encoding: gzip'];
export const PYTHON = [
  'User-Agent: python-requests/2.32.3',
  'Accept-Encoding: gzip, deflate',
  'Accept: */*',
  'Connection: keep-alive',
];
export const FORM = 'Content-Type: application/x-www-form-urlencoded';
export const JSON_TYPE = 'Content-Type: application/json';
export const lengthOf = (body: string) => `Content-Length: ${Buffer.byteLength(body)}`;

/** What was answered with this status, in JSON and nothing but JSON. */
export function jsonOf<T>({ status, headers, text }: WireAnswer, expected: number): T {
  expect([status, headers['content-type'], text.slice(0, 300)]).toEqual([
    expected,
    'application/json',
    expect.any(String),
  ]);
  return JSON.parse(text) as T;
}

/** The access token of an answer. */
export function accessTokenIn(answer: WireAnswer): string {
  const { access_token: token } = jsonOf<{ access_token: string }>(answer, 200);
  registerSecret('access-token', token.slice(token.lastIndexOf('.') + 1));
  return token;
}
