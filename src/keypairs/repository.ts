import { type Database, violatedConstraint, withStoreErrors } from '../database/index.ts';
import type { SealedUnderKek, SecretPurpose } from '../sealing/index.ts';
import { KeypairRefused } from './errors.ts';
import type { Keypair, KeypairId, Placement } from './keypair.ts';
import { findStatement, type KeypairFilter, listStatement, type Order, type Page, type Statement } from './query.ts';
import { applyChanges, type Client, insertData, type KeypairChanges, type NewKeypair } from './repository-writes.ts';

/**
 * Where a text of a keypair is: in its row, or sealed at the revision that the row names. A record that is missing although the row
 * names one was removed behind our back.
 */
export type StoredText =
  | { readonly clear: string }
  | { readonly sealed: SealedUnderKek | undefined; readonly revision: number };

/** A row as a transaction holds it, locked until its end. */
export interface LockedKeypair {
  readonly revision: number;
  readonly hasPrivateKey: boolean;
}

const NAME_CONSTRAINT = 'keypairs_realm_scope_name_key';

const SEALED_COLUMNS = {
  formatVersion: true,
  kekId: true,
  wrapNonce: true,
  wrappedKey: true,
  nonce: true,
  ciphertext: true,
  tag: true,
} as const;

export type KeypairRepository = ReturnType<typeof keypairRepository>;

/** The only code that touches the tables of keypairs and of sealed secrets. */
export function keypairRepository(database: Database) {
  const { prisma } = database;

  return withStoreErrors({
    async find(placement: Placement, id: KeypairId, filter: KeypairFilter): Promise<Keypair | undefined> {
      const rows = await read<Keypair>(database, findStatement(placement, id, filter));
      return rows[0];
    },

    /** One page and the number of all that match, from one snapshot. */
    async list(placement: Placement, filter: KeypairFilter, orders: readonly Order[], page: Page) {
      const rows = await read<Keypair & { total: number }>(database, listStatement(placement, filter, orders, page));
      return { total: rows[0]?.total ?? 0, keypairs: rows as readonly Keypair[] };
    },

    /** Whether a keypair other than `except` has the name. Only the unique index decides; this is for reporting early. */
    async isNameTaken(placement: Placement, name: string, except: KeypairId | undefined): Promise<boolean> {
      const found = await prisma.keypair.findFirst({
        where: { ...placement, name, ...(except === undefined ? {} : { id: { not: except } }) },
        select: { id: true },
      });
      return found !== null;
    },

    /** The stored text of the certificate or of the key; null where the keypair has none, undefined where there is no keypair. */
    readText(placement: Placement, id: KeypairId, purpose: SecretPurpose): Promise<StoredText | null | undefined> {
      return readText(prisma, placement, id, purpose);
    },

    /** @throws {KeypairRefused} NAME_TAKEN */
    async insert(keypair: NewKeypair): Promise<void> {
      await refusingTakenNames(() => prisma.keypair.create({ data: insertData(keypair), select: { id: true } }));
    },

    /**
     * Changes a row under its lock: `decide` sees the row as it is now and nobody else changes it meanwhile.
     *
     * @returns false where there is no such row
     * @throws {KeypairRefused} NAME_TAKEN
     */
    update(
      placement: Placement,
      id: KeypairId,
      decide: (
        current: LockedKeypair,
        read: (purpose: SecretPurpose) => ReturnType<typeof readText>,
      ) => Promise<KeypairChanges>,
    ): Promise<boolean> {
      return refusingTakenNames(() =>
        prisma.$transaction(async (tx) => {
          const current = await lock(tx, placement, id);
          if (current === undefined) {
            return false;
          }
          await applyChanges(tx, id, await decide(current, (purpose) => readText(tx, placement, id, purpose)));
          return true;
        }),
      );
    },

    /** @returns false where there is no such row */
    async remove(placement: Placement, id: KeypairId): Promise<boolean> {
      const removed = await prisma.keypair.deleteMany({ where: { id, ...placement } });
      return removed.count === 1;
    },
  });
}

function read<Row extends object>(database: Database, { text, values }: Statement): Promise<Row[]> {
  return database.query<Row>(text, values);
}

async function lock(tx: Client, { realm, scope }: Placement, id: KeypairId): Promise<LockedKeypair | undefined> {
  const rows = await tx.$queryRaw<LockedKeypair[]>`
    SELECT revision, private_key_seal_revision IS NOT NULL AS "hasPrivateKey" FROM keypairs
    WHERE id = ${id}::uuid AND realm = ${realm}::realm AND scope = ${scope} FOR UPDATE`;
  return rows[0];
}

async function readText(
  client: Client,
  placement: Placement,
  id: KeypairId,
  purpose: SecretPurpose,
): Promise<StoredText | null | undefined> {
  const row = await client.keypair.findFirst({
    where: { id, ...placement },
    select: {
      certificateData: purpose === 'certificate_data',
      certificateDataSealRevision: true,
      privateKeySealRevision: true,
      sealedSecrets: { where: { purpose }, select: SEALED_COLUMNS },
    },
  });
  if (row === null) {
    return undefined;
  }
  if (purpose === 'certificate_data' && typeof row.certificateData === 'string') {
    return { clear: row.certificateData };
  }
  // The revision is the row's word, not the sealed record's: an older record put back would claim its own.
  const revision = purpose === 'certificate_data' ? row.certificateDataSealRevision : row.privateKeySealRevision;
  if (revision === null) {
    return null;
  }
  return { sealed: row.sealedSecrets[0], revision };
}

async function refusingTakenNames<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw violatedConstraint(error) === NAME_CONSTRAINT ? new KeypairRefused([{ code: 'NAME_TAKEN' }]) : error;
  }
}
