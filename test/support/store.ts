import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openStore, type Store } from '../../src/operations/index.ts';
import type { TestDatabase } from './database.ts';

/** Opens a database as a command does, beside whatever servers run on it; it is closed after the test. */
export async function commandOn({ url }: TestDatabase, kek: string, auditKey?: string): Promise<Store> {
  const keys = { CERTKEEP_KEK: kek, CERTKEEP_AUDIT_KEY: auditKey };
  const config = readConfig({ DATABASE_URL: url, CERTKEEP_DATABASE_POOL_SIZE: '3', ...keys });
  const store = await openStore({ config, log: pino({ level: 'silent' }), attach: true });
  onTestFinished(() => store.close());
  return store;
}
