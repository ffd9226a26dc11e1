import { createPublicKey } from 'node:crypto';
import type { SubjectPublicKeyInfo } from '../certificate-structure.ts';
import { Oid } from '../oids.ts';
import { describeKey, type KeyDescription } from './key-spec.ts';

/**
 * What an RSA key is as its SubjectPublicKeyInfo has it. `loadPublicKey` and `openPrivateKey` make a plain RSA key of an RSASSA-PSS one, but
 * whoever verifies goes by the certificate: by PSS alone, and by the parameters in it (RFC 4055 §1.2, §3.3).
 * @param description of the loaded key
 */
export function withPssRestriction(description: KeyDescription, info: SubjectPublicKeyInfo): KeyDescription {
  if (info.algorithm.oid !== Oid.rsassaPss) return description;
  try {
    return describeKey(createPublicKey({ key: info.encoded, format: 'der', type: 'spki' }));
  } catch {
    return { type: 'other' };
  }
}
