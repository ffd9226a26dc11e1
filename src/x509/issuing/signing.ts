import { constants, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto';
import { bitString, type DerValue, encodeDer, sequence } from '../der/writer.ts';
import { CannotIssue } from '../errors.ts';
import type { SignatureMethod } from './signature-methods.ts';

/**
 * SIGNED of a value (RFC 5280 §4.1.1, RFC 2986 §4.2): SEQUENCE { value, algorithm, signature }, as certificates and requests are.
 * @param value the TBSCertificate or CertificationRequestInfo
 * @param method as `chooseSignature` gives it for this key
 * @returns DER
 * @throws CannotIssue KEY_CANNOT_SIGN, as `signBytes`
 */
export async function signValue(value: DerValue, method: SignatureMethod, key: KeyObject): Promise<Buffer> {
  const signature = await signBytes(encodeDer(value), method, key);
  return encodeDer(sequence(value, method.algorithm, bitString(signature)));
}

/**
 * Signs on libuv's pool: RSA-4096 takes milliseconds. ECDSA and DSA give DER, as X.509 wants it (RFC 3279 §2.2.2, §2.2.3).
 * @throws CannotIssue KEY_CANNOT_SIGN where OpenSSL refuses: it takes a DSA key as it is, and looks at its numbers here
 */
export function signBytes(bytes: Buffer, { digest, rsaPadding }: SignatureMethod, key: KeyObject): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign(digest, bytes, { key, ...PADDINGS[rsaPadding ?? 'none'] }, (error, signature) =>
      error === null
        ? resolve(signature)
        : reject(new CannotIssue('KEY_CANNOT_SIGN', 'OpenSSL does not sign with this key')),
    );
  });
}

const PADDINGS: Readonly<Record<'pkcs1' | 'pss' | 'none', Omit<SignKeyObjectInput, 'key'>>> = {
  none: {},
  pkcs1: { padding: constants.RSA_PKCS1_PADDING },
  pss: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
};
