import { LIMITS, type Limit } from './limits.ts';

/** Every code of every error this folder throws. A caller may switch over it; nothing else is ever thrown on bad input. */
export type X509ErrorCode = ReadingErrorCode | IssuingErrorCode | 'CANNOT_EXPORT';

/** What is wrong with something that came from outside. */
export type ReadingErrorCode =
  | 'NOT_A_CERTIFICATE'
  | 'NOT_A_PRIVATE_KEY'
  | 'NOT_A_CERTIFICATE_REQUEST'
  | 'NOT_A_PKCS12'
  | 'NOT_A_NAME'
  | 'WRONG_PASSPHRASE'
  | 'BEYOND_LIMITS';

/** What is wrong with something that is to be made. */
export type IssuingErrorCode =
  // A certificate in authentik's profile (contract §1.4).
  | 'COMMON_NAME_EMPTY'
  | 'COMMON_NAME_TOO_LONG'
  | 'ISSUER_NAME_EMPTY'
  | 'ISSUER_NAME_TOO_LONG'
  | 'SUBJECT_ALT_NAME_EMPTY'
  | 'SUBJECT_ALT_NAME_NOT_ASCII'
  | 'TEXT_NOT_UNICODE'
  | 'VALIDITY_TOO_SHORT'
  | 'VALIDITY_TOO_LONG'
  // A name that is to be written.
  | 'NAME_TYPE_UNKNOWN'
  | 'NAME_VALUE_EMPTY'
  | 'NAME_VALUE_TOO_LONG'
  | 'NAME_VALUE_UNFIT'
  | 'NAME_RDN_MALFORMED'
  | 'NAME_TOO_LONG'
  | 'COUNTRY_NOT_TWO_LETTERS'
  // Alternative names, and the places of a CA's services.
  | 'DNS_NAME_MALFORMED'
  | 'IP_ADDRESS_MALFORMED'
  | 'EMAIL_ADDRESS_MALFORMED'
  | 'URI_MALFORMED'
  | 'SUBJECT_ALT_NAME_OF_NO_KIND'
  | 'SUBJECT_ALT_NAMES_TOO_MANY'
  | 'ACCESS_LOCATION_MALFORMED'
  // A certificate as a whole.
  | 'SUBJECT_MISSING'
  | 'CA_WITHOUT_SUBJECT'
  | 'CERTIFICATE_TOO_LARGE'
  | 'VALIDITY_NOT_DATES'
  | 'VALIDITY_REVERSED'
  | 'VALIDITY_TOO_EARLY'
  | 'PATH_LENGTH_UNFIT'
  | 'KEY_USAGE_UNFIT'
  | 'EXTENDED_KEY_USAGE_UNKNOWN'
  // Keys and digests.
  | 'RSA_BITS_UNFIT'
  | 'CURVE_UNKNOWN'
  | 'PUBLIC_KEY_UNFIT'
  | 'KEY_CANNOT_SIGN'
  | 'DIGEST_UNFIT'
  | 'DIGEST_TOO_LARGE'
  | 'PADDING_UNFIT'
  // The signer.
  | 'SIGNER_KEY_MISMATCH'
  | 'SIGNER_NOT_A_CA'
  | 'SIGNER_LACKS_CERT_SIGN'
  | 'SIGNER_WITHOUT_SUBJECT'
  | 'SIGNER_CONSTRAINED'
  | 'SIGNER_PATH_LENGTH_EXCEEDED'
  | 'OUTLIVES_SIGNER'
  | 'BEGINS_BEFORE_SIGNER';

/** What all errors of this folder have in common: a stable code, and a reason for the log that never holds key material. */
export class X509Error extends Error {
  override readonly name: string = 'X509Error';
  readonly code: X509ErrorCode;
  /** One sentence for the log. Made of constants and ASN.1 vocabulary, never of the input's bytes. */
  readonly reason: string;

  constructor(code: X509ErrorCode, message: string, reason: string, cause?: unknown) {
    super(`${message}: ${reason}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.reason = reason;
  }
}

/** The text holds no certificate that pyca/cryptography would load (contract §1.3). */
export class NotACertificate extends X509Error {
  override readonly name = 'NotACertificate';

  constructor(reason: string, cause?: unknown) {
    super('NOT_A_CERTIFICATE', 'Not a certificate', reason, cause);
  }
}

/** The text holds no unencrypted private key that pyca/cryptography would load (contract §1.3). */
export class NotAPrivateKey extends X509Error {
  override readonly name = 'NotAPrivateKey';

  constructor(reason: string, cause?: unknown) {
    super('NOT_A_PRIVATE_KEY', 'Not a private key', reason, cause);
  }
}

/** The text may well hold what pyca/cryptography would load, but there is more of it than is looked at here. */
export class BeyondLimits extends X509Error {
  override readonly name = 'BeyondLimits';
  readonly limit: Limit;

  constructor(limit: Limit, cause?: unknown) {
    super('BEYOND_LIMITS', 'Beyond the limits', `${limit} over ${LIMITS[limit]}`, cause);
    this.limit = limit;
  }
}

/** The octets are no PKCS#12 file that is read here (RFC 7292): malformed, signed, or by an unsupported algorithm. */
export class NotAPkcs12 extends X509Error {
  override readonly name = 'NotAPkcs12';

  constructor(reason: string, cause?: unknown) {
    super('NOT_A_PKCS12', 'Not a PKCS#12 file', reason, cause);
  }
}

/** The passphrase does not open the file, or is none that a file can have; a file that was tampered with looks the same. */
export class WrongPassphrase extends X509Error {
  override readonly name = 'WrongPassphrase';

  constructor(reason: string) {
    super('WRONG_PASSPHRASE', 'Wrong passphrase', reason);
  }
}

/** The bytes are no Name (RFC 5280 §4.1.2.4). */
export class NotAName extends X509Error {
  override readonly name = 'NotAName';

  constructor(reason: string, cause?: unknown) {
    super('NOT_A_NAME', 'Not a name', reason, cause);
  }
}

/** The text holds no certification request (PKCS #10, RFC 2986). */
export class NotACertificateRequest extends X509Error {
  override readonly name = 'NotACertificateRequest';

  constructor(reason: string, cause?: unknown) {
    super('NOT_A_CERTIFICATE_REQUEST', 'Not a certificate request', reason, cause);
  }
}

/** The private key can't be written in the form that was asked for. */
export class CannotExport extends X509Error {
  override readonly name = 'CannotExport';

  constructor(reason: string, cause?: unknown) {
    super('CANNOT_EXPORT', 'Cannot export this private key', reason, cause);
  }
}

/** A certificate with these contents can't be issued; `code` says which part is at fault (contract §1.4, answered 500 there). */
export class CannotIssue extends X509Error {
  override readonly name = 'CannotIssue';
  declare readonly code: IssuingErrorCode;

  constructor(code: IssuingErrorCode, reason: string) {
    super(code, 'Cannot issue this certificate', reason);
  }
}
