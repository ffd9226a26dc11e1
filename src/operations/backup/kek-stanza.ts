import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { type Identity, type Recipient, Stanza } from 'age-encryption';

/**
 * How a KEK seals the file key of an age file (C2SP age, "recipient stanzas"): a type of our own, which nobody else's age knows.
 *
 *     -> certkeep-kek <id of the KEK> <salt, 16 bytes in base64>
 *     <nonce, 12 bytes ‖ AES-256-GCM of the file key, 16 bytes ‖ tag, 16 bytes, in base64>
 *
 * The key is HKDF-SHA-256 (RFC 5869) of the KEK with that salt: no KEK is the key of two algorithms or two purposes.
 */
export const KEK_STANZA = 'certkeep-kek';

const INFO = 'certkeep backup file key';
const CIPHER = 'aes-256-gcm';
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FILE_KEY_BYTES = 16;
const BODY_BYTES = NONCE_BYTES + FILE_KEY_BYTES + TAG_BYTES;

/** Seals under a KEK. */
export function kekRecipient({ id, kek }: { readonly id: string; readonly kek: Uint8Array }): Recipient {
  return {
    wrapFileKey(fileKey) {
      const salt = randomBytes(SALT_BYTES);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, subkey(kek, salt), nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(associatedData(id));
      const sealed = Buffer.concat([nonce, cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return [new Stanza([KEK_STANZA, id, salt.toString('base64').replaceAll('=', '')], sealed)];
    },
  };
}

/** Opens what one of these KEKs sealed. */
export function kekIdentity(keks: readonly Uint8Array[]): Identity {
  return {
    unwrapFileKey(stanzas) {
      const [stanza] = stanzas.filter(({ args }) => args[0] === KEK_STANZA);
      const [, id = '', salt = ''] = stanza?.args ?? [];
      if (stanza === undefined || stanza.body.length !== BODY_BYTES) {
        return null;
      }
      for (const kek of keks) {
        const fileKey = opened(subkey(kek, Buffer.from(salt, 'base64')), id, stanza.body);
        if (fileKey !== undefined) {
          return fileKey;
        }
      }
      return null;
    },
  };
}

function opened(key: Uint8Array, id: string, body: Uint8Array): Uint8Array | undefined {
  const decipher = createDecipheriv(CIPHER, key, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(id));
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  try {
    const fileKey = [decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return new Uint8Array(Buffer.concat(fileKey));
  } catch {
    return undefined;
  }
}

function subkey(kek: Uint8Array, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', kek, salt, INFO, 32));
}

function associatedData(id: string): Buffer {
  return Buffer.from(`${KEK_STANZA} ${id}`, 'utf8');
}
