import { expect } from 'vitest';
import type { TestServer } from '../../../support/server.ts';
import { type Answer, type Asking, ask } from '../../authentik/errors/support/refusal.ts';

/** The lines of the contract's table (§6), by their numbers. */
export const PROBLEMS = {
  1: [404, 'Resource not found', "The resource specified in the request URI wasn't found."],
  2: [404, 'Collection not found', "The collection specified in the request URI wasn't found."],
  3: [401, 'Missing bearer token', 'The request is missing the required bearer token.'],
  4: [401, 'Invalid bearer token', "The bearer token provided is invalid, revoked, or doesn't exist."],
  5: [400, 'Invalid query parameters', 'The supplied query parameters are invalid.'],
  6: [400, 'Query parameters not supported', "The supplied query parameters aren't supported for this endpoint."],
  7: [400, 'Invalid JSON payload', 'The request body is not valid JSON.'],
  8: [400, 'Invalid JSON resource', "The request body JSON doesn't conform to the schema."],
  9: [400, 'Invalid JSON resource', "The request body JSON didn't pass extended validation."],
  10: [
    409,
    'JSON resource conflict',
    'The request body JSON contains a field that conflicts with an idempotent value.',
  ],
  11: [403, 'Operation not permitted', "The requested operation isn't permitted."],
  12: [400, 'Invalid headers', 'The request headers are invalid.'],
  18: [404, 'Account not found', "The account isn't found."],
  32: [406, 'Unsupported content type', "The response can't be returned in the requested format."],
  33: [400, 'Invalid account ID', "The specified account ID isn't in the appropriate format."],
  34: [500, 'Internal server error', 'The server was unable to process this request.'],
  35: [400, 'Invalid resource ID', "The resource ID isn't in the appropriate format."],
  38: [412, 'Precondition not met', "The conditional headers aren't satisfied."],
  41: [503, 'Service not ready', "Currently, the service can't respond to this request."],
  69: [405, 'Method not supported', "The requested method isn't supported for the specified resource."],
  85: [413, 'Request body too large', 'The request body is too large.'],
  109: [
    400,
    'Certificate not trusted',
    'The certificate is in an untrusted state due to a data integrity violation. To trust the certificate, apply a new certificate definition.',
  ],
  110: [
    400,
    'Certificate expired',
    "The certificate trust state can't be changed because the certificate has expired.",
  ],
} as const satisfies Readonly<Record<number, readonly [status: number, title: string, detail: string]>>;

export type Numbered = keyof typeof PROBLEMS;

/** Of version 4 (RFC 9562 §5.4), as a test of Vitest's. */
export const A_UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

/** What a problem says, all of it. */
export function problemOf(number: Numbered, extras: Readonly<Record<string, unknown>> = {}): object {
  const [status, title, detail] = PROBLEMS[number];
  const type = `https://astra.netapp.io/problems/${number}`;
  return { type, title, detail, status: String(status), correlationID: A_UUID, ...extras };
}

/** Expects an answer to be a problem and nothing else (contract §6). */
export function expectBody(
  answer: Pick<Answer, 'headers' | 'text'> & { readonly status: number },
  status: number,
  body: object,
): void {
  expect({ status: answer.status, type: answer.headers['content-type'], body: readable(answer.text) }).toEqual({
    status,
    type: 'application/problem+json',
    body,
  });
}

/** Expects a request to be refused with a problem of the catalogue. */
export async function expectProblem(
  server: TestServer,
  asking: Asking,
  number: Numbered,
  extras: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const answer = await ask(server, asking);
  expectBody(answer, PROBLEMS[number][0], problemOf(number, extras));
  return answer;
}

/** As JSON; as text where it is none, so that a failed test shows it. */
function readable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
