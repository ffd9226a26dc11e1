import type { SealedUnderKek, SecretPurpose } from '../sealing/index.ts';
import type { Placement } from './keypair.ts';
import type { Statement } from './query.ts';

/** How the texts of a keypair are read. Always with their row in one statement: apart, they could be of two moments. */

/**
 * Where a text of a keypair is: in its row, or sealed at the revision that the row names. A record that is missing although the row
 * names one was removed behind our back. `holdsKey`: whether a private key is in it.
 */
export type StoredText = { readonly holdsKey: boolean } & (
  | { readonly clear: string }
  | { readonly sealed: SealedUnderKek | undefined; readonly revision: number }
);

/** A text, and whose it is. */
export interface NamedText {
  readonly name: string;
  /** null where the keypair has none. */
  readonly text: StoredText | null;
}

/** Both texts, as they were at one moment; null for one that the keypair has not. */
export interface StoredTexts {
  readonly certificate: StoredText | null;
  readonly privateKey: StoredText | null;
}

/** A row beside one of its secrets, or beside none. */
export interface TextRow extends Omit<SealedUnderKek, 'kekId'> {
  readonly name: string;
  readonly purpose: SecretPurpose | null;
  readonly kekId: string | null;
  readonly certificateData: string | null;
  readonly certificateDataSealRevision: number | null;
  readonly certificateHoldsKey: boolean;
  readonly privateKeySealRevision: number | null;
}

const SEALED = `s.purpose, s.format_version AS "formatVersion", s.kek_id AS "kekId", s.wrap_nonce AS "wrapNonce",
    s.wrapped_key AS "wrappedKey", s.nonce, s.ciphertext, s.tag`;
const ROW = `k.name, k.certificate_data_seal_revision AS "certificateDataSealRevision",
    k.certificate_holds_key AS "certificateHoldsKey", k.private_key_seal_revision AS "privateKeySealRevision"`;
const HERE = 'k.id = $1::uuid AND k.realm = $2::realm AND k.scope = $3';

const READ_TEXT = `
  SELECT ${ROW}, ${SEALED}, CASE WHEN $4::secret_purpose = 'certificate_data' THEN k.certificate_data END AS "certificateData"
  FROM keypairs k LEFT JOIN sealed_secrets s ON s.keypair_id = k.id AND s.purpose = $4::secret_purpose WHERE ${HERE}`;
const READ_BOTH = `
  SELECT ${ROW}, ${SEALED}, k.certificate_data AS "certificateData"
  FROM keypairs k LEFT JOIN sealed_secrets s ON s.keypair_id = k.id WHERE ${HERE}`;

/** The statement that reads one text of a keypair, as one row; no row where there is no keypair. */
export function textStatement({ realm, scope }: Placement, id: string, purpose: SecretPurpose): Statement {
  return { text: READ_TEXT, values: [id, realm, scope, purpose] };
}

/** The statement that reads both, as a row for each that is sealed, or as one where none is. */
export function textsStatement({ realm, scope }: Placement, id: string): Statement {
  return { text: READ_BOTH, values: [id, realm, scope] };
}

/** What a row of {@link textStatement} says. */
export function toNamedText(row: TextRow, purpose: SecretPurpose): NamedText {
  return { name: row.name, text: toText(row, purpose, [row]) };
}

/** What the rows of {@link textsStatement} say; undefined where there are none. */
export function toTexts(rows: readonly TextRow[]): StoredTexts | undefined {
  const [row] = rows;
  return (
    row && {
      certificate: toText(row, 'certificate_data', rows),
      privateKey: toText(row, 'private_key', rows),
    }
  );
}

function toText(row: TextRow, purpose: SecretPurpose, rows: readonly TextRow[]): StoredText | null {
  const isCertificate = purpose === 'certificate_data';
  const holdsKey = !isCertificate || row.certificateHoldsKey;
  if (isCertificate && row.certificateData !== null) {
    return { holdsKey, clear: row.certificateData };
  }
  // The revision is the row's word, not the sealed record's: an older record put back would claim its own.
  const revision = isCertificate ? row.certificateDataSealRevision : row.privateKeySealRevision;
  return revision === null ? null : { holdsKey, sealed: sealedIn(rows, purpose), revision };
}

function sealedIn(rows: readonly TextRow[], wanted: SecretPurpose): SealedUnderKek | undefined {
  const row = rows.find(({ purpose }) => purpose === wanted);
  if (row === undefined || row.kekId === null) {
    return undefined;
  }
  const { kekId, formatVersion, wrapNonce, wrappedKey, nonce, ciphertext, tag } = row;
  return { kekId, formatVersion, wrapNonce, wrappedKey, nonce, ciphertext, tag };
}
