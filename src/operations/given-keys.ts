import { AuditKeyMalformed, type AuditKeys, parseAuditKeys } from '../audit/index.ts';
import { type Config, ConfigError } from '../config.ts';
import { KekMalformed, parseKeks } from '../sealing/index.ts';

/** Key-encryption keys, 32 bytes each. */
export type Keks = readonly [Buffer, ...Buffer[]];

/** What the operator gave, read before anything is opened or made. */
export interface GivenKeys {
  readonly keks: Keks | undefined;
  readonly auditKeys: AuditKeys | undefined;
}

/**
 * Reads the keys of a configuration.
 *
 * @throws {ConfigError} naming the variable whose keys can't be read, and never their text
 */
export function givenKeys({ kek, auditKey }: Pick<Config, 'kek' | 'auditKey'>): GivenKeys {
  return {
    keks: kek === undefined ? undefined : named('CERTKEEP_KEK', () => parseKeks(kek)),
    auditKeys: auditKey === undefined ? undefined : named('CERTKEEP_AUDIT_KEY', () => parseAuditKeys(auditKey)),
  };
}

function named<T>(variable: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof KekMalformed || error instanceof AuditKeyMalformed) {
      throw new ConfigError(`${variable}: ${error.message}`);
    }
    throw error;
  }
}
