import { randomBytes } from 'node:crypto';
import { type Accounts, accountRepository, accountService } from '../../../src/access/index.ts';
import { auditKeyOf, auditTrail, eventRepository } from '../../../src/audit/index.ts';
import type { Database } from '../../../src/database/index.ts';

/** The service as the store makes it, with a trail of its own. */
export function accountsOn(database: Database, now?: () => number): Accounts {
  const trail = auditTrail(eventRepository(database), auditKeyOf(randomBytes(32)));
  return accountService({ repository: accountRepository(database), trail, ...(now === undefined ? {} : { now }) });
}

/** What became of a write: what it returned, or the code by which it was refused; whatever else it throws ends the test. */
export async function outcomeOf<T>(write: Promise<T>): Promise<T | string> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(NAME|ID|ACCOUNT)_/.test(String(error.code))) {
      return String(error.code);
    }
    throw error;
  }
}
