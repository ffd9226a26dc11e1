import { type EventRow, eventInsertion, eventValues } from '../audit/index.ts';
import { type Database, Prisma } from '../database/index.ts';
import type { SealedUnderKek, SecretPurpose } from '../sealing/index.ts';
import type { KeyType } from '../x509/index.ts';
import type { StoredChain } from './chain-column.ts';
import type { KeypairId, Placement } from './keypair.ts';
import type { Statement } from './query.ts';

/** How a keypair is written: its row, and a sealed secret beside it for each text that is not in clear. */

/** A text on its way into the database. */
export type TextToStore = { readonly clear: string } | { readonly sealed: SealedUnderKek };

/** The columns that describe a certificate, as `columnsOf` fills them. */
export type CertificateColumns = Pick<
  Prisma.KeypairUncheckedCreateInput,
  | 'certificateHoldsKey'
  | 'subject'
  | 'subjectDer'
  | 'issuer'
  | 'issuerDer'
  | 'commonName'
  | 'subjectOneLine'
  | 'issuerOneLine'
  | 'subjectHash'
  | 'issuerHash'
  | 'serialNumber'
  | 'notBefore'
  | 'notAfter'
  | 'fingerprintSha256'
  | 'fingerprintSha1'
  | 'signatureAlgorithm'
  | 'publicKeyDigest'
  | 'keyType'
  | 'keySize'
  | 'curve'
  | 'subjectAltNames'
  | 'isCa'
  | 'pathLength'
  | 'selfSigned'
  | 'subjectKeyId'
  | 'authorityKeyId'
> & {
  /** null where it was not described. */
  readonly chain: StoredChain | null;
};

export interface CertificateToStore {
  readonly text: TextToStore;
  readonly columns: CertificateColumns;
}

export interface PrivateKeyToStore {
  readonly sealed: SealedUnderKek;
  readonly type: KeyType | null;
  /** Of its public half; null for a key that the runtime can't hold. */
  readonly digest: string | null;
}

/** Where a keypair that was made here comes from, and whether its key may leave. */
export interface Issuing {
  /** The stored CA that signed it; null where none did. */
  readonly signerId: KeypairId | null;
  readonly privateKeyExportable: boolean;
}

/** What changes in a row; what is absent stays. */
export interface KeypairChanges {
  readonly revision: number;
  readonly updatedBy: string;
  /** Now, unless it is given. */
  readonly updatedAt?: Date;
  readonly name?: { readonly text: string; readonly folded: string };
  /** By what owns the row. */
  readonly managed?: string;
  readonly certificate?: CertificateToStore;
  /** null removes the key. */
  readonly privateKey?: PrivateKeyToStore | null;
}

export interface NewKeypair {
  readonly id: KeypairId;
  readonly placement: Placement;
  readonly createdBy: string;
  readonly name: { readonly text: string; readonly folded: string };
  readonly certificate: CertificateToStore;
  readonly privateKey: PrivateKeyToStore | null;
  readonly issuing: Issuing;
  /** By what owns the row, where that is no client. */
  readonly managed: string | null;
}

/** The revision of a row that was just stored. */
export const FIRST_REVISION = 1;

type Client = Pick<Database['prisma'], 'keypair' | 'sealedSecret'>;

/** As SQL takes it: there, null is NULL. */
type KeypairRow = Omit<Prisma.KeypairUncheckedCreateInput, 'chain'> & { readonly chain: StoredChain | null };
type SecretRow = Prisma.SealedSecretUncheckedCreateInput;

/** Where Prisma's name of a column is more than its own in camel case. */
const COLUMN_NAMES: Readonly<Record<string, string>> = { createdById: 'created_by', updatedById: 'updated_by' };

/** By the rows that they store: of everything else they are the same for each pair. */
const INSERTIONS = new Map<string, string>();

/** A row that goes with a keypair's, its columns in camel case. */
export interface RowBeside {
  readonly table: 'trust_entries';
  readonly row: object;
}

/**
 * The statement that stores a new row with its secrets, what stands beside it, and its event: one, therefore whole or not at all. By Prisma
 * it would be seven, in a transaction (docs/decisions/0010-prisma-kept-thin.md). It gives `createdAt`.
 */
export function insertStatement(keypair: NewKeypair, event: EventRow, beside?: RowBeside): Statement {
  const parts = [
    { table: 'keypairs', rows: [rowOf(keypair)] },
    { table: 'sealed_secrets', rows: secretsOf(keypair) },
    { table: 'trust_entries', rows: beside === undefined ? [] : [beside.row] },
  ].filter(({ rows }) => rows.length > 0);
  const kind = parts.map(({ table, rows }) => `${table}:${rows.length}`).join();
  const text = INSERTIONS.get(kind) ?? insertionOf(parts);
  INSERTIONS.set(kind, text);
  const values = parts.flatMap(({ rows }) => rows.flatMap((row): unknown[] => Object.values({ ...row })));
  return { text, values: [...values, ...eventValues(event)] };
}

interface Part {
  readonly table: string;
  /** Of the same properties each. */
  readonly rows: readonly object[];
}

function insertionOf(parts: readonly Part[]): string {
  let before = 0;
  const expressions = parts.map(({ table, rows }) => {
    const returning = table === 'keypairs' ? ' RETURNING created_at' : '';
    const expression = `new_${table} AS (${insertion(table, rows, before)}${returning})`;
    before += rows.reduce<number>((sum, row) => sum + Object.keys(row).length, 0);
    return expression;
  });
  return `WITH ${[...expressions, eventInsertion(before)].join(', ')} SELECT created_at AS "createdAt" FROM new_keypairs`;
}

/**
 * @param rows of the same properties each
 * @param before how many values the statement has before these
 */
function insertion(table: string, rows: readonly object[], before: number): string {
  const columns = Object.keys(rows[0] ?? {}).map((property) => COLUMN_NAMES[property] ?? snakeCase(property));
  const tuples = rows.map((_, row) => columns.map((_, column) => `$${before + row * columns.length + column + 1}`));
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${tuples.map((tuple) => `(${tuple.join(', ')})`).join(', ')}`;
}

function snakeCase(property: string): string {
  return property.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

function rowOf({ id, placement, name, createdBy, certificate, privateKey, issuing, managed }: NewKeypair) {
  return {
    id,
    realm: placement.realm,
    scope: placement.scope,
    name: name.text,
    nameFolded: name.folded,
    revision: FIRST_REVISION,
    createdById: createdBy,
    updatedById: createdBy,
    managed,
    // One by one: the statement is the same for all pairs, and its values stand in this order.
    signerId: issuing.signerId,
    privateKeyExportable: issuing.privateKeyExportable,
    ...certificateData(certificate, FIRST_REVISION),
    ...privateKeyData(privateKey, FIRST_REVISION),
  } satisfies KeypairRow;
}

function secretsOf({ id, certificate, privateKey }: NewKeypair) {
  const secret = (purpose: SecretPurpose, sealed: SealedUnderKek) =>
    ({ keypairId: id, purpose, ...sealed, revision: FIRST_REVISION }) satisfies SecretRow;
  return [
    ...('sealed' in certificate.text ? [secret('certificate_data', certificate.text.sealed)] : []),
    ...(privateKey === null ? [] : [secret('private_key', privateKey.sealed)]),
  ];
}

function certificateData({ text, columns }: CertificateToStore, revision: number) {
  return 'clear' in text
    ? { ...columns, certificateData: text.clear, certificateDataSealRevision: null }
    : { ...columns, certificateData: null, certificateDataSealRevision: revision };
}

function privateKeyData(privateKey: PrivateKeyToStore | null, revision: number) {
  return {
    privateKeyType: privateKey?.type ?? null,
    privateKeyDigest: privateKey?.digest ?? null,
    privateKeySealRevision: privateKey === null ? null : revision,
  };
}

/** In Prisma's words, null could be JSON's too. */
function forPrisma<Data extends { readonly chain: StoredChain | null }>({ chain, ...data }: Data) {
  return { ...data, chain: chain === null ? Prisma.DbNull : { ...chain } };
}

/** Changes a row, and puts or removes the secrets that the change touches. Belongs into a transaction that holds the row. */
export async function applyChanges(tx: Client, id: KeypairId, changes: KeypairChanges): Promise<void> {
  const { name, managed, certificate, privateKey, revision } = changes;
  await tx.keypair.update({
    where: { id },
    data: {
      revision,
      updatedById: changes.updatedBy,
      updatedAt: changes.updatedAt ?? new Date(),
      ...(name === undefined ? {} : { name: name.text, nameFolded: name.folded }),
      ...(managed === undefined ? {} : { managed }),
      ...(certificate === undefined ? {} : forPrisma(certificateData(certificate, revision))),
      ...(privateKey === undefined ? {} : privateKeyData(privateKey, revision)),
    },
    select: { id: true },
  });
  if (certificate !== undefined) {
    await putSecret(
      tx,
      id,
      'certificate_data',
      'sealed' in certificate.text ? certificate.text.sealed : null,
      revision,
    );
  }
  if (privateKey !== undefined) {
    await putSecret(tx, id, 'private_key', privateKey === null ? null : privateKey.sealed, revision);
  }
}

async function putSecret(
  tx: Client,
  keypairId: KeypairId,
  purpose: SecretPurpose,
  sealed: SealedUnderKek | null,
  revision: number,
) {
  if (sealed === null) {
    await tx.sealedSecret.deleteMany({ where: { keypairId, purpose } });
    return;
  }
  const data = { ...sealed, revision };
  await tx.sealedSecret.upsert({
    where: { keypairId_purpose: { keypairId, purpose } },
    create: { keypairId, purpose, ...data },
    update: data,
    select: { keypairId: true },
  });
}
