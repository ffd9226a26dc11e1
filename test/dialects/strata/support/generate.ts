import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { TestServer } from '../../../support/server.ts';

export const CURRENT = '/config/identity/v1/certificates';
export const LEGACY = '/sse/config/v1/certificates';

/** `certificates-get` (contract §5). */
export interface Shown {
  readonly id: string;
  readonly name: string;
  readonly folder?: string;
  readonly algorithm: string;
  readonly ca: boolean;
  readonly common_name: string;
  readonly expiry_epoch: string;
  readonly issuer: string;
  readonly issuer_hash: string;
  readonly subject: string;
  readonly subject_hash: string;
  readonly public_key: string;
}

/** The envelope of every error (contract §9). */
export interface Envelope {
  readonly _errors: readonly [
    {
      readonly code: string;
      readonly message: string;
      readonly details: { readonly errorType: string; readonly message: readonly string[] };
      readonly help: string;
    },
  ];
  readonly _request_id: string;
}

/** A sound request for a key that is made at once, in a name of its own. */
export function soundBody(changes: object = {}): Record<string, unknown> {
  return {
    folder: 'Shared',
    certificate_name: `c-${randomUUID()}`,
    common_name: 'portal.example.test',
    algorithm: { ecdsa_number_of_bits: 256 },
    digest: 'sha256',
    ...changes,
  };
}

/** Generates, and expects 201. */
export async function generated(server: TestServer, changes: object = {}, path = CURRENT): Promise<Shown> {
  const response = await server.request('POST', path, soundBody(changes));
  const body: unknown = await response.json();
  expect([response.status, body]).toEqual([201, expect.anything()]);
  return body as Shown;
}

/** What a request is refused with: the status, the code, and what is wrong. */
export async function refused(server: TestServer, body: unknown, path = CURRENT) {
  const response = await server.request('POST', path, body);
  const answer = (await response.json()) as Envelope;
  const [error] = answer._errors ?? [];
  return {
    status: response.status,
    code: error?.code,
    message: error?.message,
    errorType: error?.details.errorType,
    details: error?.details.message ?? [],
  };
}

/** 400 E003 `Invalid Object` (contract §9), each of whose problems names one of these fields. */
export async function expectProblems(server: TestServer, body: unknown, fields: readonly string[], path = CURRENT) {
  const { details, ...rest } = await refused(server, body, path);
  expect(rest).toEqual({ status: 400, code: 'E003', message: 'Invalid Object', errorType: 'Invalid Object' });
  expect([...new Set(details.map((text) => text.replace(/: .*/s, '')))]).toEqual(fields);
  return details;
}
