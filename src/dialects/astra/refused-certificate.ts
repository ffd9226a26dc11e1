import type { CertificateRefused, CertificateRefusedCode } from '../../keypairs/index.ts';
import { MAX_ACCOUNT_OCTETS, MAX_COMMON_NAME } from '../../keypairs/index.ts';
import { Problem } from './errors.ts';

/** What is wrong with `cert`, as clients are told; the log has the reason. */
const REASONS: Record<CertificateRefusedCode, string> = {
  NOT_A_CERTIFICATE: 'decodes, but holds no X.509 certificate that can be read',
  BEYOND_LIMITS: 'holds a certificate that is larger than this server reads',
  HOLDS_PRIVATE_KEY: 'holds a private key, which is never to be sent here',
  SEVERAL_CERTIFICATES: 'holds more than one certificate',
  NO_COMMON_NAME: 'holds a certificate whose subject has no common name',
  COMMON_NAME_TOO_LONG: `holds a certificate whose common name has more than ${MAX_COMMON_NAME} characters`,
  NO_ROOM: `has no room in its account, which keeps ${MAX_ACCOUNT_OCTETS} bytes of certificates in PEM`,
};

/** Problem 9, of a certificate that is none that can be trusted (contract §6). */
export function refusedCertificate({ code, message }: CertificateRefused): Problem {
  return new Problem(9, {
    extras: { invalidFields: [{ name: 'cert', reason: REASONS[code] }] },
    reasons: { cert: message },
  });
}
