import { randomUUID } from 'node:crypto';
import type { AccountId } from '../../../../src/access/index.ts';
import { OPERATOR } from '../../../../src/audit/index.ts';
import { type KeypairId, readCaCertificate } from '../../../../src/keypairs/index.ts';
import { opensslPair } from '../../../support/openssl.ts';
import type { TestServer } from '../../../support/server.ts';

export const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

export const certificatesOf = (account: string) => `/accounts/${account}/core/v1/certificates`;

/** Makes an account of the caller's own. */
export async function makeAccount({ accounts }: Pick<TestServer, 'accounts'>): Promise<AccountId> {
  return (await accounts.create(OPERATOR, { name: `account ${randomUUID()}` })).id;
}

let pem: string | undefined;

/** Puts a certificate (P-256, CN=kept.example) into an account's trust store past the API, by the service on which it stands. */
export async function keep({ trust }: Pick<TestServer, 'trust'>, account: string): Promise<KeypairId> {
  pem ??= opensslPair('kept.example').certificate;
  const entry = await trust.add(OPERATOR, account, {
    certificate: readCaCertificate(Buffer.from(pem)),
    use: 'rootCA',
    statedSelfSigned: true,
    desired: 'trusted',
    labels: [],
    resourceVersion: '1.0',
  });
  return entry.id;
}
