import { type KeyType, securityStrength } from '../../x509/index.ts';
import { tooWeak } from './errors.ts';

/** NIST SP 800-131A revision 2 §1.2.2: what is weaker is no longer to be used. */
const LEAST_STRENGTH = 112;

interface KeyFacts {
  readonly keyType: KeyType | null;
  /** In bits. */
  readonly keySize: number | null;
  readonly curve?: string | null;
}

/** What is said of a certificate's key where it is too weak; undefined where it is not, and where nothing is known of it. */
export function weaknessOf(facts: KeyFacts): string | undefined {
  return isWeak(facts) ? tooWeak(wordKey(facts)) : undefined;
}

/** Whether a key is too weak; not where nothing is known of it. */
export function isWeak(facts: KeyFacts): boolean {
  const strength = securityStrength(facts);
  return strength !== null && strength < LEAST_STRENGTH;
}

function wordKey({ keyType, keySize, curve = null }: KeyFacts): string {
  return curve === null ? `its ${(keyType ?? '').toUpperCase()} key of ${keySize} bits` : `its key on ${curve}`;
}
