import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { OPERATOR } from '../../../../src/audit/index.ts';
import { readConfig } from '../../../../src/config.ts';
import type { CompleteDraft } from '../../../../src/keypairs/draft.ts';
import { openStore } from '../../../../src/operations/index.ts';
import type { PemPair } from '../../../support/openssl.ts';
import type { TestServer } from '../../../support/server.ts';

/** The folder `Shared` of the tenant that a plain token speaks for. */
export const SHARED = { realm: 'strata', scope: '1000000000/folder:Shared' } as const;

export const ACTOR = { ...OPERATOR, address: '', requestId: '0'.repeat(32) };

/** Stores what no request generates, and gives its name. */
export type StorePair = (pair: Partial<PemPair> & Pick<PemPair, 'certificate'>) => Promise<string>;

/** The database of a server, as a command opens it. */
export async function besideServer({ database, kek }: TestServer) {
  const config = readConfig({ DATABASE_URL: database.url, CERTKEEP_KEK: kek, CERTKEEP_DATABASE_POOL_SIZE: '3' });
  const { keypairs, close } = await openStore({ config, log: pino({ level: 'silent' }), attach: true });
  const storePair: StorePair = async (pair) => {
    const name = `s-${randomUUID()}`;
    const { draft } = await keypairs.draft(SHARED, { privateKey: '', ...pair, name });
    await keypairs.create(ACTOR, SHARED, draft as CompleteDraft);
    return name;
  };
  return { keypairs, storePair, close };
}
