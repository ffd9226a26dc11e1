import { randomUUID } from 'node:crypto';
import { type KeypairId, type NewTrustEntry, readCaCertificate } from '../../../src/keypairs/index.ts';
import type { TestDatabase } from '../../support/database.ts';

/** An account of nobody else's. */
export async function anAccount(database: Pick<TestDatabase, 'query'>): Promise<string> {
  const id = randomUUID();
  await database.query('INSERT INTO accounts (id, name) VALUES ($1::uuid, $2)', [id, id]);
  return id;
}

/** What is stored unless a test says otherwise. */
export function anEntry(certificate: string, wanted: Partial<NewTrustEntry> = {}): NewTrustEntry {
  return {
    certificate: readCaCertificate(Buffer.from(certificate)),
    use: 'rootCA',
    statedSelfSigned: false,
    desired: 'trusted',
    labels: [],
    resourceVersion: '1.1',
    ...wanted,
  };
}

/** What the events tell of an entry's trust, the oldest first: `trusted → expired`, with who did it. */
export async function toldOf(database: Pick<TestDatabase, 'query'>, id: KeypairId): Promise<string[]> {
  const events = await database.query<{ username: string; context: string }>(
    `SELECT username, context FROM events WHERE model_pk = $1 AND context LIKE '%"trust_state"%' ORDER BY created_at, ctid`,
    [id.replaceAll('-', '')],
  );
  return events.map(({ username, context }) => {
    const { trust_state: state } = JSON.parse(context) as { trust_state: { from?: string; to?: string } };
    return `${username}: ${state.from ?? ''} → ${state.to ?? ''}`;
  });
}
