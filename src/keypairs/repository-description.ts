import type { SubjectAltNames } from '../x509/index.ts';
import { fromColumn, type StoredChain } from './chain-column.ts';
import type { KeypairDescription } from './description.ts';
import { unescapeNul } from './escaped-text.ts';
import type { Placement } from './keypair.ts';
import type { Statement } from './query.ts';
import { SUMMARY } from './repository-reads.ts';

/**
 * A version from before the column changes a certificate and leaves the chain of the one before, as long as both share the database. The
 * first certificate tells.
 */
const CHAIN = `CASE WHEN chain #>> '{certificates,0,fingerprintSha256}' = fingerprint_sha256 THEN chain END`;

const DESCRIPTION = `${SUMMARY}, issuer, serial_number AS "serialNumber", not_before AS "notBefore",
  subject_alt_names AS "subjectAltNames", is_ca AS "isCa", path_length AS "pathLength", key_size AS "keySize", curve,
  signature_algorithm AS "signatureAlgorithm", self_signed AS "selfSigned",
  public_key_digest = private_key_digest AS "keyMatchesCertificate",
  subject_key_id AS "subjectKeyId", authority_key_id AS "authorityKeyId", ${CHAIN} AS chain`;

/** A row as {@link describeStatement} reads it: its texts of jsonb still escaped. */
export type DescriptionRow = Omit<KeypairDescription, 'chain'> & { readonly chain: StoredChain | null };

/** The statement that reads all facts of one keypair. */
export function describeStatement({ realm, scope }: Placement, id: string): Statement {
  return {
    text: `SELECT ${DESCRIPTION} FROM keypairs WHERE id = $1::uuid AND realm = $2::realm AND scope = $3`,
    values: [id, realm, scope],
  };
}

/** What a row says. */
export function toDescription(row: DescriptionRow): KeypairDescription {
  return {
    ...row,
    subjectAltNames: unescapeNames(row.subjectAltNames),
    chain: row.chain === null ? null : fromColumn(row.chain),
  };
}

function unescapeNames(names: SubjectAltNames): SubjectAltNames {
  const kinds = Object.entries(names) as [keyof SubjectAltNames, readonly string[]][];
  return Object.fromEntries(kinds.map(([kind, texts]) => [kind, texts.map(unescapeNul)])) as unknown as SubjectAltNames;
}
