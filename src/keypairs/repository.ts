import { type EventRow, insertEvent } from '../audit/index.ts';
import { type Database, violatedConstraint, withStoreErrors } from '../database/index.ts';
import { refusingRetiredKeks, type SecretPurpose } from '../sealing/index.ts';
import { type CertificateView, toCertificateView, VIEW_COLUMNS } from './certificate-view.ts';
import type { KeypairDescription } from './description.ts';
import { KeypairInUse, KeypairRefused, ManagedTaken, SignerGone } from './errors.ts';
import type { Keypair, KeypairId, Placement, Realm } from './keypair.ts';
import type { ExportPage, PairToExport } from './pair-to-export.ts';
import type { KeypairFilter, Order, Page } from './query.ts';
import { type DescriptionRow, describeStatement, toDescription } from './repository-description.ts';

import { managedReads } from './repository-managed.ts';
import {
  existsStatement,
  exportStatement,
  findStatement,
  listStatement,
  nameStatement,
  SUMMARY,
} from './repository-reads.ts';

import {
  type NamedText,
  type StoredTexts,
  type TextRow,
  textStatement,
  textsStatement,
  toNamedText,
  toTexts,
} from './repository-texts.ts';
import { applyChanges, insertStatement, type KeypairChanges, type NewKeypair } from './repository-writes.ts';

/** A row as a transaction holds it, locked until its end. */
export interface LockedKeypair {
  readonly revision: number;
  readonly name: string;
}

/** A change, and the event that tells of it: both are stored, or neither. */
export interface ToldChanges {
  readonly changes: KeypairChanges;
  readonly event: EventRow;
}

type CertificateViewRow = CertificateView & { readonly createdAt: Date };

/** The index that makes names unique (see `hasUniqueNames`). */
const NAME_CONSTRAINT = 'keypairs_realm_scope_name_key';
/** The index that lets what authentik's conventions name be there once. */
const MANAGED_CONSTRAINT = 'keypairs_realm_scope_managed_key';
/** The key that keeps a signer for as long as there is what it signed. */
const SIGNER_CONSTRAINT = 'keypairs_signer_id_fkey';

const VIEW = `${SUMMARY}, ${VIEW_COLUMNS}`;

/** Each more would be said to a person who reads a few. */
const MAX_NAMED_CHILDREN = 100;
const CHILDREN = 'SELECT id, name FROM keypairs WHERE signer_id = $1::uuid ORDER BY name LIMIT $2::int';

const LOCATE = 'SELECT id, scope FROM keypairs WHERE realm = $1::realm AND id = ANY($2::uuid[])';

const CERTIFICATE_HOLDS_KEY =
  'SELECT id FROM keypairs WHERE id = $1::uuid AND realm = $2::realm AND scope = $3 AND certificate_holds_key';

export type KeypairRepository = ReturnType<typeof keypairRepository>;

/** The only code that touches the tables of keypairs and of sealed secrets; what wraps those is changed by a rotation too. */
export function keypairRepository(database: Database) {
  const { prisma } = database;

  return withStoreErrors({
    ...managedReads(database),

    async find(placement: Placement, id: KeypairId, filter: KeypairFilter): Promise<Keypair | undefined> {
      const { text, values } = findStatement(placement, id, filter);
      // A search takes as long as its text and the name are.
      const rows = await (filter.search === undefined ? database.lookUp : database.query)<Keypair>(text, values);
      return rows[0];
    },

    async exists(placement: Placement, filter: KeypairFilter): Promise<boolean> {
      const { text, values } = existsStatement(placement, filter);
      const rows = await database.query<{ found: boolean }>(text, values);
      return rows[0]?.found === true;
    },

    /** All facts of one keypair; undefined where there is none. */
    async describe(placement: Placement, id: KeypairId): Promise<KeypairDescription | undefined> {
      const { text, values } = describeStatement(placement, id);
      const [row] = await database.query<DescriptionRow>(text, values);
      return row && toDescription(row);
    },

    /** One page and the number of all that match, from one snapshot. */
    async list(placement: Placement, filter: KeypairFilter, orders: readonly Order[], page: Page) {
      const { text, values } = listStatement(placement, filter, orders, page);
      // Orders of several columns are as many as clients can think of.
      const rows = await database.query<Keypair & { total: number }>(text, values, {
        prepare: orders.length <= 1 ? 'while-few' : 'never',
      });
      // A page beyond the last is one row of nulls beside the total.
      return { total: rows[0]?.total ?? 0, keypairs: rows.filter(({ id }) => id !== null) as readonly Keypair[] };
    },

    /** As {@link list}, of all that is shown of certificates. */
    async listCertificates(placement: Placement, filter: KeypairFilter, orders: readonly Order[], page: Page) {
      const { text, values } = listStatement(placement, filter, orders, page, VIEW);
      const rows = await database.query<CertificateViewRow & { total: number }>(text, values);
      const certificates = rows.filter(({ id }) => id !== null).map(({ total: _, ...row }) => toCertificateView(row));
      return { total: rows[0]?.total ?? 0, certificates };
    },

    /** All that is shown of one certificate; undefined where there is none. */
    async findCertificate(placement: Placement, id: KeypairId): Promise<CertificateView | undefined> {
      const { text, values } = findStatement(placement, id, {}, VIEW);
      const [row] = await database.lookUp<CertificateViewRow>(text, values);
      return row && toCertificateView(row);
    },

    /** In which scopes of a realm keypairs are, by their ids; those that are not there are missing. */
    async locate(realm: Realm, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
      // Of a token's many grants it takes as long as they are many.
      const read = ids.length === 1 ? database.lookUp : database.query;
      const rows = await read<{ id: string; scope: string }>(LOCATE, [realm, ids]);
      return new Map(rows.map(({ id, scope }) => [id, scope]));
    },

    /** A page of the pairs of a realm whose names are unique, in the order of their names. */
    listForExport(placement: Placement, page: ExportPage): Promise<PairToExport[]> {
      const { text, values } = exportStatement(placement, page);
      return database.query<PairToExport>(text, values);
    },

    /** Whether a keypair other than `except` has the name. Only the unique index decides; this is for reporting early. */
    async isNameTaken(placement: Placement, name: string, except: KeypairId | undefined): Promise<boolean> {
      const { text, values } = nameStatement(placement, name, except);
      return (await database.lookUp(text, values)).length > 0;
    },

    /** The stored text of the certificate or of the key; undefined where there is no keypair. */
    async readText(placement: Placement, id: KeypairId, purpose: SecretPurpose): Promise<NamedText | undefined> {
      const { text, values } = textStatement(placement, id, purpose);
      const [row] = await database.query<TextRow>(text, values);
      return row && toNamedText(row, purpose);
    },

    /** Both stored texts; undefined where there is no keypair. */
    async readTexts(placement: Placement, id: KeypairId): Promise<StoredTexts | undefined> {
      const { text, values } = textsStatement(placement, id);
      return toTexts(await database.query<TextRow>(text, values));
    },

    /** Whether the stored text of the certificate holds a private key; false where there is no such keypair. */
    async certificateHoldsKey({ realm, scope }: Placement, id: KeypairId): Promise<boolean> {
      return (await database.lookUp(CERTIFICATE_HOLDS_KEY, [id, realm, scope])).length > 0;
    },

    /**
     * Stores a new row together with the event that tells of it.
     *
     * @throws {KeypairRefused} NAME_TAKEN
     * @throws {ManagedTaken}
     * @throws {SignerGone} where the signer was deleted meanwhile
     * @throws {KekRetired} where the KEK of a secret was retired since it was sealed
     */
    async insert(keypair: NewKeypair, event: EventRow): Promise<void> {
      const { text, values } = insertStatement(keypair, event);
      await translatingConstraints(() => database.query(text, values));
      event.onWritten?.();
    },

    /**
     * Changes a row under its lock: `decide` sees the row as it is now and nobody else changes it meanwhile.
     *
     * @returns false where there is no such row
     * @throws {KeypairRefused} NAME_TAKEN
     * @throws {ManagedTaken}
     * @throws {KekRetired} where the KEK of a secret was retired since it was sealed
     */
    update(placement: Placement, id: KeypairId, decide: (current: LockedKeypair) => ToldChanges): Promise<boolean> {
      const { realm, scope } = placement;
      return translatingConstraints(() =>
        prisma.$transaction(async (tx) => {
          const [current] = await tx.$queryRaw<LockedKeypair[]>`
            SELECT revision, name FROM keypairs
            WHERE id = ${id}::uuid AND realm = ${realm}::realm AND scope = ${scope} FOR UPDATE`;
          if (current === undefined) {
            return false;
          }
          const { changes, event } = decide(current);
          await applyChanges(tx, id, changes);
          await insertEvent(tx, event);
          return true;
        }),
      );
    },

    /**
     * Deletes a row together with what is sealed of it.
     *
     * @param tell gives the event that tells of it
     * @returns false where there is no such row
     * @throws {KeypairInUse} where it signed others that are stored
     */
    async remove(
      placement: Placement,
      id: KeypairId,
      tell: (removed: Pick<LockedKeypair, 'name'>) => EventRow,
    ): Promise<boolean> {
      const { realm, scope } = placement;
      const removal = prisma.$transaction(async (tx) => {
        const [removed] = await tx.$queryRaw<Pick<LockedKeypair, 'name'>[]>`
          DELETE FROM keypairs WHERE id = ${id}::uuid AND realm = ${realm}::realm AND scope = ${scope} RETURNING name`;
        if (removed === undefined) {
          return false;
        }
        await insertEvent(tx, tell(removed));
        return true;
      });
      return removal.catch(async (error: unknown) => {
        if (violatedConstraint(error) !== SIGNER_CONSTRAINT) {
          throw error;
        }
        const signed = await database.query<Pick<Keypair, 'id' | 'name'>>(CHILDREN, [id, MAX_NAMED_CHILDREN + 1]);
        throw new KeypairInUse(id, signed.slice(0, MAX_NAMED_CHILDREN), signed.length > MAX_NAMED_CHILDREN);
      });
    },
  });
}

async function translatingConstraints<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await refusingRetiredKeks(write);
  } catch (error) {
    switch (violatedConstraint(error)) {
      case NAME_CONSTRAINT:
        throw new KeypairRefused([{ code: 'NAME_TAKEN' }]);
      case MANAGED_CONSTRAINT:
        throw new ManagedTaken();
      case SIGNER_CONSTRAINT:
        throw new SignerGone();
      default:
        throw error;
    }
  }
}
