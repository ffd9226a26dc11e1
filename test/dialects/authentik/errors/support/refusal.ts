import { type IncomingHttpHeaders, request as send } from 'node:http';
import { expect } from 'vitest';
import type { TestServer } from '../../../../support/server.ts';

export interface Asking {
  readonly method: string;
  readonly path: string;
  /** Text and bytes go as they are, anything else as JSON. */
  readonly body?: unknown;
  /** Beside, or in place of, the superuser's token and the type of a body; `null` leaves one of these out. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Refusal {
  readonly status: number;
  /** The whole body, as JSON. */
  readonly body: unknown;
  /** The whole Allow header. */
  readonly allow?: string;
}

export const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

export const NOT_FOUND = { detail: 'Not found.' };
export const NO_SUCH_PAIR = { detail: 'No CertificateKeyPair matches the given query.' };
export const NO_CREDENTIALS = { detail: 'Authentication credentials were not provided.' };
export const NO_PERMISSION = { detail: 'You do not have permission to perform this action.' };
export const TOKEN_INVALID = { detail: 'Token invalid/expired' };
export const NOT_ACCEPTABLE = { detail: 'Could not satisfy the request Accept header.' };
export const methodNotAllowed = (method: string) => ({ detail: `Method "${method}" not allowed.` });

export const ALLOW = {
  list: 'GET, POST, HEAD, OPTIONS',
  detail: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS',
  generate: 'POST, OPTIONS',
  view: 'GET, HEAD, OPTIONS',
} as const;

/** Sends what fetch refuses to: a body without a type, any byte in a header, TRACE. */
export function ask(server: TestServer, { method, path, body, headers = {} }: Asking): Promise<Answer> {
  const bytes = bytesOf(body);
  const all: Record<string, string | number | null> = {
    authorization: `Bearer ${server.token}`,
    ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as Record<string, string>;
  return new Promise((resolve, reject) => {
    const request = send(server.url, { method, path, headers: sent, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(bytes);
  });
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) {
    return undefined;
  }
  return Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Every pair and every sealed secret, as they are stored. */
export async function stored(server: TestServer): Promise<string[]> {
  const rows = await server.database.query<{ row: string }>(
    `SELECT k::text AS row FROM keypairs k UNION ALL SELECT s::text FROM sealed_secrets s ORDER BY 1`,
  );
  return rows.map(({ row }) => row);
}

/** Asks for what is refused: checks that the answer is whole, and that all that was stored is as it was. */
export async function expectRefusal(server: TestServer, asking: Asking, refusal: Refusal): Promise<void> {
  const before = await stored(server);
  const answer = await ask(server, asking);

  expect({ status: answer.status, body: bodyOf(answer) }).toEqual({ status: refusal.status, body: refusal.body });
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.headers['www-authenticate']).toBeUndefined();
  if (refusal.allow !== undefined) {
    expect(answer.headers.allow).toBe(refusal.allow);
  }
  // The original's JSON is compact, and raw beyond ASCII.
  expect(answer.text).toBe(JSON.stringify(JSON.parse(answer.text)));
  expect(await stored(server)).toEqual(before);
}

/** The body as JSON, or as text where it is none, so that a failed test shows it. */
function bodyOf({ text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
