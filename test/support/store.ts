import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openStore, type Store } from '../../src/operations/index.ts';
import type { TestDatabase } from './database.ts';

/** The run's PostgreSQL takes fifty connections, and is not away where it stands still for seconds. */
const FEW_AND_PATIENT = { CERTKEEP_DATABASE_POOL_SIZE: '3', CERTKEEP_DATABASE_TIMEOUT_MS: '30000' };

/** Opens a database as a command does, beside whatever servers run on it; it is closed after the test. */
export async function commandOn({ url }: TestDatabase, kek: string, auditKey?: string): Promise<Store> {
  const keys = { CERTKEEP_KEK: kek, CERTKEEP_AUDIT_KEY: auditKey };
  const config = readConfig({ DATABASE_URL: url, ...FEW_AND_PATIENT, ...keys });
  const store = await openStore({ config, log: pino({ level: 'silent' }), attach: true });
  onTestFinished(() => store.close());
  return store;
}
