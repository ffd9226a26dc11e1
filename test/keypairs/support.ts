import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { type Actor, OPERATOR } from '../../src/audit/index.ts';
import { readConfig } from '../../src/config.ts';
import type { CompleteDraft, Issuing, KeypairFields, KeypairId, Placement } from '../../src/keypairs/index.ts';
import { openStore, type Store } from '../../src/operations/index.ts';
import { generateKek } from '../../src/sealing/index.ts';
import type { TestDatabase } from '../support/database.ts';

/** Whoever does something here. */
export const ACTOR: Actor = {
  ...OPERATOR,
  id: '3f8f6f43-6d1c-4c39-8a43-0d5a4cf5e6a1' as Actor['id'],
  username: 'tester',
};

/** A container of nobody else's. */
export const aContainer = (): Placement => ({ realm: 'strata', scope: `1/folder:${randomUUID()}` });

export const nobody = '00000000-0000-4000-8000-000000000000' as KeypairId;

/** The services on a database, without a server around them. Whoever opens them closes them. */
export function openServices(
  { url }: Pick<TestDatabase, 'url'>,
  kek = generateKek(),
  now?: () => Date,
): Promise<Store> {
  const config = { ...readConfig({ DATABASE_URL: url }), kek, databasePoolSize: 4, databaseTimeoutMs: 30_000 };
  return openStore({ config, log: pino({ level: 'silent' }), now });
}

/** Stores a pair, and returns its id. */
export async function storePair(
  { keypairs }: Pick<Store, 'keypairs'>,
  placement: Placement,
  fields: KeypairFields,
  issuing?: Issuing,
): Promise<KeypairId> {
  const { draft, problems } = await keypairs.draft(placement, fields);
  if (problems.length > 0) {
    throw new Error(problems.map(({ code }) => code).join());
  }
  return (await keypairs.create(ACTOR, placement, draft as CompleteDraft, { issuing })).id;
}

/** Of what a stored CA signed. */
export const signedBy = (signerId: KeypairId): Issuing => ({ signerId, privateKeyExportable: true });
