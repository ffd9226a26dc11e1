import { createHash } from 'node:crypto';
import type { SubjectPublicKeyInfo } from '../certificate-structure.ts';
import {
  booleanTrue,
  contextPrimitiveValue,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
  unsignedInteger,
} from '../der/writer.ts';
import { Oid } from '../oids.ts';
import { dottedOid } from './dotted-oid.ts';
import { EXTENDED_KEY_USAGES, KEY_USAGES, type KeyUsage, oidOfExtendedKeyUsage } from './key-usages.ts';
import type { NewExtension } from './tbs-certificate.ts';

/** basicConstraints (RFC 5280 §4.2.1.9), critical. */
export function basicConstraints(isCa: boolean, pathLength: number | null): NewExtension {
  const limit = pathLength === null ? [] : [unsignedInteger(fourOctets(pathLength))];
  return { oid: Oid.basicConstraints, critical: true, value: sequence(...(isCa ? [booleanTrue(), ...limit] : [])) };
}

/** keyUsage (RFC 5280 §4.2.1.3), critical. */
export function keyUsage(usages: readonly KeyUsage[]): NewExtension {
  const bits = usages.map((usage) => KEY_USAGES.indexOf(usage));
  return { oid: Oid.keyUsage, critical: true, value: namedBits(bits) };
}

/** extKeyUsage (RFC 5280 §4.2.1.12); critical of who only stamps times, where RFC 3161 §2.3 demands it. */
export function extendedKeyUsage(usages: readonly string[]): NewExtension {
  const purposes = usages.map(oidOfExtendedKeyUsage);
  const critical = purposes.every((purpose) => purpose === EXTENDED_KEY_USAGES.timeStamping);
  return { oid: Oid.extendedKeyUsage, critical, value: sequence(...purposes.map(dottedOid)) };
}

/**
 * The key identifier by RFC 7093 §2 (1): the first 160 bits of the SHA-256 of the BIT STRING's octets. As long as that of RFC 5280
 * §4.2.1.2 (1), without SHA-1.
 */
export function deriveKeyId({ key }: SubjectPublicKeyInfo): Buffer {
  return createHash('sha256').update(key).digest().subarray(0, 20);
}

/** subjectKeyIdentifier (RFC 5280 §4.2.1.2). */
export function subjectKeyIdentifier(keyId: Buffer): NewExtension {
  return { oid: Oid.subjectKeyIdentifier, critical: false, value: octetString(keyId) };
}

/** authorityKeyIdentifier (RFC 5280 §4.2.1.1), by the key identifier alone. */
export function authorityKeyIdentifier(keyId: Buffer): NewExtension {
  return { oid: Oid.authorityKeyIdentifier, critical: false, value: sequence(contextPrimitiveValue(0, keyId)) };
}

/** authorityInfoAccess (RFC 5280 §4.2.2.1): where an OCSP responder is, and where the signer's certificate is to be had. */
export function authorityInfoAccess(ocspUrls: readonly string[], caIssuersUrls: readonly string[]): NewExtension {
  const locations = [
    ...ocspUrls.map((url) => [Oid.ocsp, url] as const),
    ...caIssuersUrls.map((url) => [Oid.caIssuers, url] as const),
  ];
  const descriptions = locations.map(([method, url]) =>
    sequence(objectIdentifier(method), contextPrimitiveValue(6, Buffer.from(url, 'latin1'))),
  );
  return { oid: Oid.authorityInfoAccess, critical: false, value: sequence(...descriptions) };
}

function fourOctets(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}
