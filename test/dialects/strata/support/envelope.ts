import { expect } from 'vitest';
import type { TestServer } from '../../../support/server.ts';
import { type Answer, type Asking, ask } from '../../authentik/errors/support/refusal.ts';

/** A line of the contract's table of errors. */
export interface ExpectedError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** What the contract has before the colon of the message, unless it is said otherwise. */
  readonly errorType?: string;
  /** A part of what `details.message` says. */
  readonly says?: string | RegExp;
}

interface Envelope {
  readonly _errors: readonly {
    readonly code: string;
    readonly message: string;
    readonly details: { readonly errorType: string; readonly message: readonly string[] };
    readonly help: string;
  }[];
  readonly _request_id: string;
}

export const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
export const NOT_PRESENT = { status: 404, code: 'E005', message: 'Object Not Present' } as const;
export const NOT_AUTHENTICATED = { status: 401, code: 'E016', message: 'Not Authenticated' } as const;
export const INVALID_CREDENTIAL = { status: 401, code: 'E016', message: 'Invalid Credential' } as const;
export const UNAUTHORIZED = { status: 403, code: 'E007', message: 'Unauthorized' } as const;
export const METHOD_NOT_SUPPORTED = { status: 501, code: 'E012', message: 'Method Not Supported' } as const;

/** Expects a request to be refused with one error in the envelope (contract §9), as JSON and nothing but JSON. */
export async function expectError(server: TestServer, asking: Asking, expected: ExpectedError): Promise<Answer> {
  const answer = await ask(server, asking);
  expectEnvelope(answer, expected);
  return answer;
}

export function expectEnvelope(answer: Pick<Answer, 'status' | 'headers' | 'text'>, expected: ExpectedError): void {
  const { status, code, message, errorType = message.split(':', 1)[0], says } = expected;
  expect({ status: answer.status, type: answer.headers['content-type'], text: answer.text }).toEqual({
    status,
    type: 'application/json',
    text: expect.any(String),
  });
  const { _errors, _request_id, ...rest } = JSON.parse(answer.text) as Envelope;
  expect(rest).toEqual({});
  expect(_request_id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(_errors).toEqual([{ code, message, details: { errorType, message: expect.any(Array) }, help: '' }]);
  if (says !== undefined) {
    expect(_errors[0]?.details.message.join('\n')).toMatch(says);
  }
}

/** What a request is answered, read as JSON. */
export async function read<T>(server: TestServer, path: string, token = server.token): Promise<T> {
  const answer = await ask(server, { method: 'GET', path, headers: { authorization: `Bearer ${token}` } });
  expect(answer.status, answer.text.slice(0, 300)).toBe(200);
  return JSON.parse(answer.text) as T;
}
