import type { Chain, SubjectAltNames } from '../x509/index.ts';
import type { Keypair } from './keypair.ts';

/** All that is stored of a keypair but its texts. Computed when it was written; no secret is in it. */
export interface KeypairDescription extends Keypair {
  /** RFC 4514; values that pyca would refuse are written as `#` and hex. */
  readonly issuer: string;
  /** Lower-case hex, `-` in front if negative. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly subjectAltNames: SubjectAltNames;
  readonly isCa: boolean;
  /** null without a limit; 2,147,483,647 for that and any larger one. */
  readonly pathLength: number | null;
  /** In bits. */
  readonly keySize: number | null;
  /** OpenSSL's short name. */
  readonly curve: string | null;
  /** OpenSSL's long name, otherwise the dotted OBJECT IDENTIFIER. */
  readonly signatureAlgorithm: string;
  /** Verified with the certificate's own key. */
  readonly selfSigned: boolean;
  /** Whether the private key is the certificate's; null without one, and for one of which it can't be told. */
  readonly keyMatchesCertificate: boolean | null;
  /** Lower-case hex. */
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: string | null;
  /** The certificates of the stored text; null where they were not described. */
  readonly chain: Chain | null;
}
