import { randomBytes, randomUUID } from 'node:crypto';
import { type NewToken, type Tokens, tokenRepository, tokenService } from '../../../src/access/index.ts';
import { auditKeyOf, auditTrail, eventRepository } from '../../../src/audit/index.ts';
import { type Database, openDatabase } from '../../../src/database/index.ts';

export function connect(url: string, timeoutMs = 30_000): Database {
  return openDatabase({ url, poolSize: 2, timeoutMs, preparedStatements: true, log: { warn() {} } });
}

/** The service as the store makes it, with a trail of its own. */
export function tokensOn(database: Database): Tokens {
  const trail = auditTrail(eventRepository(database), auditKeyOf(randomBytes(32)));
  return tokenService({ repository: tokenRepository(database), trail, log: { warn() {} } });
}

/** A token without any right, but those that are given. */
export function wanted(overrides: Partial<NewToken> = {}): NewToken {
  return {
    username: 'somebody',
    identifier: randomUUID(),
    description: '',
    expiresAt: null,
    isSuperuser: false,
    grants: [],
    reach: [{ realm: 'authentik' }],
    ...overrides,
  };
}
