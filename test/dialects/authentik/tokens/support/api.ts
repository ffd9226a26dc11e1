import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { TestServer } from '../../../../support/server.ts';

export const TOKENS = '/api/v3/core/tokens/';
export const NO_PERMISSION = { detail: 'You do not have permission to perform this action.' };
export const NOT_FOUND = { detail: 'No Token matches the given query.' };

/** What the API shows of a token, as far as tests look into it. */
export interface ShownToken {
  readonly pk: string;
  readonly identifier: string;
  readonly user: number;
  readonly user_obj: Readonly<Record<string, unknown>>;
  readonly expires: string | null;
  readonly key: string;
  readonly [field: string]: unknown;
}

/** Makes a token as the superuser. */
export async function made(server: TestServer, fields: object = {}): Promise<ShownToken> {
  const answer = await server.request('POST', TOKENS, { identifier: randomUUID(), ...fields });
  const body: unknown = await answer.json();
  expect(answer.status, JSON.stringify(body)).toBe(201);
  return body as ShownToken;
}

/** Sends a request with another token than the superuser's. */
export async function as(
  server: TestServer,
  key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await server.request(method, path, body, { authorization: `Bearer ${key}` });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** As {@link as}, with the superuser's. */
export function ask(server: TestServer, method: string, path: string, body?: unknown) {
  return as(server, server.token, method, path, body);
}
