import { type EventRow, insertEvent } from '../../audit/index.ts';
import { type Database, type Prisma, violatedConstraint, withStoreErrors } from '../../database/index.ts';
import { unescapeNul } from '../escaped-text.ts';
import type { KeypairId } from '../keypair.ts';
import type { Statement } from '../query.ts';
import {
  applyChanges,
  type CertificateToStore,
  insertStatement,
  type KeypairChanges,
  type NewKeypair,
} from '../repository-writes.ts';
import { AccountGone, CertificateRefused } from './errors.ts';
import {
  type CertificateUse,
  type DesiredState,
  type Label,
  MAX_ACCOUNT_OCTETS,
  type TrustEntry,
  type TrustState,
} from './trust-entry.ts';
import type { TrustCursor, TrustQuery } from './trust-query.ts';
import {
  bundleStatement,
  entryStatement,
  lockedEntryStatement,
  octetsStatement,
  pageStatement,
  untoldStatement,
} from './trust-statements.ts';

/** An entry as it is stored, with what only the store knows. */
export interface StoredEntry extends TrustEntry {
  /** The name of its keypair: the common name, escaped. */
  readonly name: string;
  readonly revision: number;
  /** The state that the last event told of. */
  readonly told: TrustState;
}

/** The columns of an entry beside those of its keypair. */
export interface EntryColumns {
  readonly certificateUse: CertificateUse;
  readonly statedSelfSigned: boolean;
  readonly desiredState: DesiredState;
  readonly toldState: TrustState;
  readonly resourceVersion: string;
  readonly labels: readonly Label[];
  readonly textSha256: Uint8Array<ArrayBuffer>;
}

/** A change, and the events that tell of it: all are stored, or none. */
export interface ToldEntryChanges {
  readonly keypair: KeypairChanges;
  readonly entry: Partial<EntryColumns>;
  readonly events: readonly EventRow[];
}

/** An entry that came into a state by itself. */
export interface UntoldEntry extends StoredEntry {
  readonly account: string;
}

/** As it comes from the database: text of jsonb and of the name still escaped, `null` of a text that was taken away. */
type TrustRow = Omit<StoredEntry, 'certificate'> & { readonly certificate: string | null };

type PageRow = TrustRow & {
  readonly position: string;
  readonly isFollowed: boolean;
  readonly octetsBefore: string | null;
};

interface OctetsRow {
  readonly octets: number;
}

const ACCOUNT_CONSTRAINT = 'trust_entries_account_id_fkey';

export type TrustRepository = ReturnType<typeof trustRepository>;

/** The only code that touches the table of trust entries, and that of keypairs where these have one. */
export function trustRepository(database: Database) {
  const { prisma } = database;

  /**
   * Writes while an entry is locked, and then the events that tell of it.
   *
   * @returns false where there is no such entry
   */
  function whileLocked(
    account: string,
    id: KeypairId,
    at: Date,
    write: (tx: Prisma.TransactionClient, current: StoredEntry) => Promise<readonly EventRow[]>,
  ): Promise<boolean> {
    const { text, values } = lockedEntryStatement(account, id, at);
    return prisma.$transaction(async (tx) => {
      const [row] = await tx.$queryRawUnsafe<TrustRow[]>(text, ...values);
      if (row === undefined) {
        return false;
      }
      for (const event of await write(tx, toEntry(row))) {
        await insertEvent(tx, event);
      }
      return true;
    });
  }

  return withStoreErrors({
    /**
     * Stores a new entry together with the event that tells of it.
     *
     * @returns when it was stored
     * @throws {AccountGone}
     * @throws {CertificateRefused} NO_ROOM
     */
    async insert(keypair: NewKeypair, columns: EntryColumns, event: EventRow): Promise<Date> {
      const { id: keypairId, placement } = keypair;
      await requireRoom(placement.scope, octetsOf(keypair.certificate), ({ text, values }) =>
        database.query(text, values),
      );
      const row = { keypairId, accountId: placement.scope, ...columns, labels: JSON.stringify(columns.labels) };
      const { text, values } = insertStatement(keypair, event, { table: 'trust_entries', row });
      try {
        const [stored] = await database.query<{ createdAt: Date }>(text, values);
        event.onWritten?.();
        return stored?.createdAt ?? new Date(Number.NaN);
      } catch (error) {
        throw violatedConstraint(error) === ACCOUNT_CONSTRAINT ? new AccountGone() : error;
      }
    },

    /** undefined where there is none. */
    async find(account: string, id: KeypairId, at: Date): Promise<StoredEntry | undefined> {
      const { text, values } = entryStatement(account, id, at);
      const [row] = await database.lookUp<TrustRow>(text, values);
      return row && toEntry(row);
    },

    /** One page; `next` where something is left. */
    async page(account: string, query: TrustQuery) {
      const { text, values } = pageStatement(account, query);
      // Filters are as many as clients can think of.
      const rows = await database.query<PageRow>(text, values, {
        prepare: query.conditions.length === 0 ? 'while-few' : 'never',
      });
      const last = rows.at(-1);
      const next: TrustCursor | undefined = last?.isFollowed ? { value: last.position, id: last.id } : undefined;
      return { entries: rows.map(({ position, isFollowed, octetsBefore, ...row }) => toEntry(row)), next };
    },

    /** The texts of what is trusted, each once. */
    async bundle(account: string, at: Date, ids: readonly string[] | undefined): Promise<string[]> {
      const { text, values } = bundleStatement(account, at, ids);
      const rows = await database.query<{ certificate: string }>(text, values);
      return rows.map(({ certificate }) => certificate);
    },

    /**
     * Changes an entry under its lock.
     *
     * @param decide sees the entry as it is now; what it throws is thrown, and nothing is changed
     * @returns false where there is none
     * @throws {CertificateRefused} NO_ROOM
     */
    update(
      account: string,
      id: KeypairId,
      at: Date,
      decide: (current: StoredEntry) => ToldEntryChanges,
    ): Promise<boolean> {
      return whileLocked(account, id, at, async (tx, current) => {
        const { keypair, entry, events } = decide(current);
        const growth = octetsOf(keypair.certificate) - Buffer.byteLength(current.certificate);
        await requireRoom(account, growth, ({ text, values }) => tx.$queryRawUnsafe(text, ...values));
        await applyChanges(tx, id, keypair);
        const { labels, ...columns } = entry;
        const data = { ...columns, ...(labels === undefined ? {} : { labels: labels.map((label) => ({ ...label })) }) };
        await tx.trustEntry.update({ where: { keypairId: id }, data, select: { keypairId: true } });
        return events;
      });
    },

    /**
     * Deletes an entry with its keypair.
     *
     * @param decide as in `update`; gives the events that tell of it
     * @returns false where there is none
     */
    remove(
      account: string,
      id: KeypairId,
      at: Date,
      decide: (current: StoredEntry) => readonly EventRow[],
    ): Promise<boolean> {
      return whileLocked(account, id, at, async (tx, current) => {
        const events = decide(current);
        await tx.keypair.delete({ where: { id }, select: { id: true } });
        return events;
      });
    },

    /**
     * Writes down the states into which entries came by themselves.
     *
     * @param ids of these alone; of all without them
     * @param tell gives the event of each
     * @returns how many they were, `limit` at the most
     */
    tellUntold(
      at: Date,
      limit: number,
      ids: readonly string[] | undefined,
      tell: (entry: UntoldEntry) => EventRow,
    ): Promise<number> {
      return prisma.$transaction(async (tx) => {
        const { text, values } = untoldStatement(at, limit, ids);
        const rows = await tx.$queryRawUnsafe<(TrustRow & { account: string })[]>(text, ...values);
        for (const row of rows) {
          const entry = { ...toEntry(row), account: row.account };
          await tx.trustEntry.update({
            where: { keypairId: entry.id },
            data: { toldState: entry.state },
            select: { keypairId: true },
          });
          await insertEvent(tx, tell(entry));
        }
        return rows.length;
      });
    },
  });
}

/** 0 of none. */
function octetsOf(certificate: CertificateToStore | undefined): number {
  return certificate !== undefined && 'clear' in certificate.text ? Buffer.byteLength(certificate.text.clear) : 0;
}

/**
 * @param growth by how many octets the certificates of an account are to grow; for none there is always room
 * @throws {CertificateRefused} NO_ROOM
 */
async function requireRoom(
  account: string,
  growth: number,
  read: (statement: Statement) => Promise<readonly OctetsRow[]>,
): Promise<void> {
  if (growth <= 0) {
    return;
  }
  const [{ octets } = { octets: 0 }] = await read(octetsStatement(account));
  if (octets + growth > MAX_ACCOUNT_OCTETS) {
    throw new CertificateRefused('NO_ROOM', `${octets} octets of certificates are in this account already`);
  }
}

function toEntry<Row extends TrustRow>(row: Row): StoredEntry {
  return { ...row, certificate: row.certificate ?? '', commonName: unescapeNul(row.commonName) };
}
