import { PAIRS } from '../../support/server.ts';

/** A server as a client sees it. */
export interface Target {
  readonly url: string;
  readonly token: string;
}

/** An answer that was read to its end. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends a request below the pairs' path as the superuser.
 *
 * @throws {TypeError} where the connection broke before the whole answer came
 */
export async function send(target: Target, method: string, path = '', body?: object): Promise<Answer> {
  const response = await fetch(`${target.url}${PAIRS}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${target.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}
