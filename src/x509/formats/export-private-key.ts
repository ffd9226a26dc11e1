import { CannotExport } from '../errors.ts';
import { Oid } from '../oids.ts';
import { writePem } from '../pem.ts';
import { loadPrivateKey } from '../private-key.ts';
import { LABELS, type PrivateKeyForm } from '../private-key-block.ts';
import { readingPrivateKey } from '../reading-private-key.ts';
import { encodeDsaKey } from './dsa-key.ts';
import { curveOf, encodeEcKey } from './ec-key.ts';
import { encryptPkcs8 } from './encrypted-private-key.ts';
import { type Pkcs8Parts, splitPkcs8, wrapChecked } from './pkcs8.ts';

/**
 * `pkcs8` holds every key; `pkcs1` RSA (RFC 8017 §A.1.2), `sec1` EC (RFC 5915); `traditional` is what OpenSSL wrote before it knew
 * PKCS#8: PKCS#1, SEC 1 or its own format for DSA, and PKCS#8 for all others, RSASSA-PSS among them.
 */
export type PrivateKeyFormat = 'pkcs8' | 'pkcs1' | 'sec1' | 'traditional';

export interface PrivateKeyExport {
  readonly format: PrivateKeyFormat;
  readonly encoding: 'pem' | 'der';
  /** Encrypts, which only PKCS#8 is for. */
  readonly passphrase?: string | undefined;
}

interface Exported {
  readonly form: PrivateKeyForm;
  readonly der: Buffer;
}

/**
 * Writes the first private key of a PEM text in another format. With a passphrase it is encrypted: EncryptedPrivateKeyInfo
 * (RFC 5208 §6) by PBES2 with AES-256-CBC under a key of PBKDF2 with HMAC-SHA-256 and 600,000 iterations, which
 * takes a third of a second and holds the thread for so long.
 * @param text as `loadPrivateKey` takes it, which checks it first
 * @returns PEM with a trailing newline, or DER
 * @throws NotAPrivateKey, BeyondLimits; CannotExport where the key has no such format, for a passphrase with another format than
 * `pkcs8`, and for one that is empty, not Unicode or over the limit
 * @example
 * const pem = exportPrivateKey(privateKeyPem, { format: 'sec1', encoding: 'pem' });
 * pem.split('\n')[0]; // → '-----BEGIN EC PRIVATE KEY-----'
 */
export function exportPrivateKey(text: string, options: PrivateKeyExport & { readonly encoding: 'pem' }): string;
export function exportPrivateKey(text: string, options: PrivateKeyExport & { readonly encoding: 'der' }): Buffer;
export function exportPrivateKey(text: string, options: PrivateKeyExport): string | Buffer;
export function exportPrivateKey(text: string, { format, encoding, passphrase }: PrivateKeyExport): string | Buffer {
  const plain = convert(text, format);
  const { form, der } = passphrase === undefined ? plain : encrypt(plain, passphrase);
  return encoding === 'der' ? der : writePem(LABELS[form], der);
}

function convert(text: string, format: PrivateKeyFormat): Exported {
  const { publicKeyDigest } = loadPrivateKey(text);
  const pkcs8 = wrapChecked(text);
  if (format === 'pkcs8') return { form: 'pkcs8', der: pkcs8 };
  return readingPrivateKey(() => {
    const parts = splitPkcs8(pkcs8);
    const form = formFor(parts, format);
    if (form === 'pkcs1') return { form, der: parts.key };
    if (form === 'sec1') return { form, der: toSec1(parts) };
    if (form !== 'dsa') return { form, der: pkcs8 };
    if (publicKeyDigest === null) throw new CannotExport('OpenSSL can not hold the DSA key');
    return { form, der: encodeDsaKey(parts, pkcs8) };
  });
}

const TRADITIONAL: ReadonlyMap<string, PrivateKeyForm> = new Map<string, PrivateKeyForm>([
  [Oid.rsaEncryption, 'pkcs1'],
  [Oid.ecPublicKey, 'sec1'],
  [Oid.dsa, 'dsa'],
]);

function formFor({ algorithm: { oid } }: Pkcs8Parts, format: 'pkcs1' | 'sec1' | 'traditional'): PrivateKeyForm {
  if (format === 'traditional') return TRADITIONAL.get(oid) ?? 'pkcs8';
  const own = oid === Oid.rsassaPss ? 'pkcs1' : TRADITIONAL.get(oid);
  if (own !== format) throw new CannotExport('keys of this type have no such format');
  return format;
}

function toSec1({ algorithm, key }: Pkcs8Parts): Buffer {
  return encodeEcKey(key, curveOf(key, algorithm.parameters), true);
}

function encrypt({ form, der }: Exported, passphrase: string): Exported {
  if (form !== 'pkcs8') throw new CannotExport('only PKCS#8 is encrypted');
  return { form: 'encrypted', der: encryptPkcs8(der, passphrase) };
}
