import { unescapeNul } from './escaped-text.ts';
import type { Keypair } from './keypair.ts';

/** A keypair whose certificate is shown whole, with every form of its names. No secret is in it. */
export interface CertificateView extends Keypair {
  /** The first certificate of the stored text, in PEM; null where that is more than certificates, and therefore sealed. */
  readonly certificate: string | null;
  /** The most specific one of the subject; null where there is none. */
  readonly commonName: string | null;
  /** `/C=DE/CN=example.com`; null where OpenSSL refuses the name. The same holds for the next three. */
  readonly subjectOneLine: string | null;
  readonly issuerOneLine: string | null;
  /** Eight hex digits. */
  readonly subjectHash: string | null;
  readonly issuerHash: string | null;
  /** RFC 4514. */
  readonly issuer: string;
  readonly notBefore: Date;
  readonly isCa: boolean;
  /** In bits. */
  readonly keySize: number | null;
  /** False where the key, if there is one, must never leave. */
  readonly privateKeyExportable: boolean;
}

/** A page of chains would be many times what is shown of it, so that only the first block is read. */
const END = '-----END CERTIFICATE-----';
const FIRST_CERTIFICATE = `ltrim(left(certificate_data, nullif(position('${END}' IN certificate_data), 0) + ${END.length - 1}), E' \\t\\r\\n') || E'\\n'`;

/** What a view reads beside the columns of a keypair. */
export const VIEW_COLUMNS = `${FIRST_CERTIFICATE} AS certificate, common_name AS "commonName",
  subject_one_line AS "subjectOneLine", issuer_one_line AS "issuerOneLine", subject_hash AS "subjectHash",
  issuer_hash AS "issuerHash", issuer, not_before AS "notBefore", is_ca AS "isCa", key_size AS "keySize",
  private_key_exportable AS "privateKeyExportable", created_at AS "createdAt"`;

/** A row of {@link VIEW_COLUMNS}, without what it was only ordered by. */
export function toCertificateView(row: CertificateView & { createdAt: Date }): CertificateView {
  const { createdAt: _, ...view } = row;
  return { ...view, commonName: view.commonName === null ? null : unescapeNul(view.commonName) };
}
