import { hkdfSync, randomBytes } from 'node:crypto';

/** A key that authenticates events: 32 bytes, which are nowhere in the database, and a name for them, which is. */
export interface AuditKey {
  /** Hexadecimal; tells nothing of the key. */
  readonly id: string;
  readonly key: Uint8Array;
}

/** The keys at hand. */
export interface AuditKeys {
  /** Authenticates what is written from now on. */
  readonly current: AuditKey;
  /** All of them, the current one too. */
  readonly all: readonly AuditKey[];
}

/** A given audit key is none. The message tells its position and nothing of it. */
export class AuditKeyMalformed extends Error {
  override readonly name = 'AuditKeyMalformed';
  readonly code = 'AUDIT_KEY_MALFORMED';

  /** @param position from 1; 0 where there is no key at all */
  constructor(position: number) {
    super(
      position === 0
        ? 'CERTKEEP_AUDIT_KEY holds no key. Make one with: openssl rand -base64 32'
        : `Key ${position} of CERTKEEP_AUDIT_KEY is not exactly 32 bytes in base64. Make one with: openssl rand -base64 32`,
    );
  }
}

const KEY_BYTES = 32;
const BASE64_OF_32_BYTES = /^[A-Za-z0-9+/]{43}=$/;

/**
 * Reads audit keys, the one that authenticates first.
 *
 * @param text each standard base64 of 32 bytes, white space or commas between them
 * @throws {AuditKeyMalformed} for anything else
 */
export function parseAuditKeys(text: string): AuditKeys {
  const keys = text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part, index) => {
      const key = Buffer.from(part, 'base64');
      // Two texts of one key would read as two keys.
      if (!BASE64_OF_32_BYTES.test(part) || key.toString('base64') !== part) {
        throw new AuditKeyMalformed(index + 1);
      }
      return key;
    });
  const [first, ...others] = keys;
  if (first === undefined) {
    throw new AuditKeyMalformed(0);
  }
  return auditKeysOf([first, ...others]);
}

/**
 * The audit keys of a server that was given none: made of its key-encryption keys by HKDF-SHA256 (RFC 5869), so that they tell nothing
 * of them.
 *
 * @param keks 32 bytes each, the one that seals first
 */
export function deriveAuditKeys([first, ...others]: readonly [Uint8Array, ...Uint8Array[]]): AuditKeys {
  return auditKeysOf([derived(first), ...others.map(derived)]);
}

function derived(kek: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', kek, '', 'certkeep audit key', KEY_BYTES));
}

function auditKeysOf([first, ...others]: readonly [Uint8Array, ...Uint8Array[]]): AuditKeys {
  const current = auditKeyOf(first);
  return { current, all: [current, ...others.map(auditKeyOf)] };
}

/** Names a key of 32 bytes by what HKDF (RFC 5869) makes of it. */
export function auditKeyOf(key: Uint8Array): AuditKey {
  return { id: Buffer.from(hkdfSync('sha256', key, '', 'certkeep audit key id', 8)).toString('hex'), key };
}

/** Makes an audit key: standard base64 of 32 random bytes. */
export function generateAuditKey(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}
