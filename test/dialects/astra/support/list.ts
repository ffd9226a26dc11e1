import { expect } from 'vitest';
import type { TestServer } from '../../../support/server.ts';
import { certificatesOf } from './accounts.ts';

/** What tests look at by its name (contract §2). */
export interface Item {
  readonly id: string;
  readonly cn: string;
  readonly cert: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** The envelope of a list (contract §3.6). */
export interface List<T = Item> {
  readonly type: string;
  readonly version: string;
  readonly items: readonly T[];
  readonly metadata: { readonly continue?: string };
}

/** Parameters of a query; each value of an array stands for itself. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

export function queryOf(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
  return new URLSearchParams(pairs).toString();
}

/** A list that is answered with 200. */
export async function listOf<T = Item>(
  server: TestServer,
  account: string,
  query: Query | string = {},
  token = server.token,
): Promise<List<T>> {
  const text = typeof query === 'string' ? query : queryOf(query);
  const answer = await server.request('GET', `${certificatesOf(account)}?${text}`, undefined, {
    authorization: `Bearer ${token}`,
  });
  const body = await answer.text();
  expect([answer.status, body]).toEqual([200, body]);
  return JSON.parse(body) as List<T>;
}

/** One field of each item, in their order. */
export async function listed(server: TestServer, account: string, query: Query | string, field = 'cn') {
  const { items } = await listOf(server, account, query);
  return items.map((item) => item[field]);
}
