import type { Limit } from '../../x509/index.ts';
import type { KeypairId } from '../keypair.ts';

export type TrustErrorCode = 'CERTIFICATE_EXPIRED' | 'CERTIFICATE_BROKEN' | 'ACCOUNT_GONE';

/** The errors of trust stores. They know no HTTP: each dialect words them. */
export abstract class TrustError extends Error {
  abstract readonly code: TrustErrorCode;
}

export type CertificateRefusedCode =
  | 'NOT_A_CERTIFICATE'
  | 'BEYOND_LIMITS'
  | 'HOLDS_PRIVATE_KEY'
  | 'SEVERAL_CERTIFICATES'
  | 'NO_COMMON_NAME'
  | 'COMMON_NAME_TOO_LONG'
  | 'NO_ROOM';

/** What was sent is not one CA certificate with a name and nothing else, or there is no room for it. Nothing was stored. */
export class CertificateRefused extends Error {
  override readonly name = 'CertificateRefused';
  readonly code: CertificateRefusedCode;
  /** Of BEYOND_LIMITS: what there was too much of. */
  readonly limit: Limit | undefined;

  /** @param reason for the log, never secret */
  constructor(code: CertificateRefusedCode, reason: string, limit?: Limit) {
    super(`${code}: ${reason}`);
    this.code = code;
    this.limit = limit;
  }
}

/** The trust in a certificate that has expired can't be changed; another certificate can take its place. */
export class CertificateExpired extends TrustError {
  override readonly name = 'CertificateExpired';
  readonly code = 'CERTIFICATE_EXPIRED';

  constructor(id: KeypairId) {
    super(`${id} has expired`);
  }
}

/** A stored certificate is not the one that was stored, and can't be trusted; another one can take its place. */
export class CertificateBroken extends TrustError {
  override readonly name = 'CertificateBroken';
  readonly code = 'CERTIFICATE_BROKEN';

  constructor(id: KeypairId) {
    super(`the stored certificate of ${id} is not the one that was stored`);
  }
}

/** There is no such account, or it was deleted meanwhile. Nothing was stored. */
export class AccountGone extends TrustError {
  override readonly name = 'AccountGone';
  readonly code = 'ACCOUNT_GONE';

  constructor() {
    super('there is no such account');
  }
}
