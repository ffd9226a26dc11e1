import { type Database, Prisma, violatedConstraint, withStoreErrors } from '../database/index.ts';
import type { Bytes } from './envelope.ts';
import { KekRefused, KekRetired } from './errors.ts';

export type KekState = 'openable' | 'sealing' | 'retired';

export interface KekRow {
  readonly id: string;
  readonly state: KekState;
  readonly canary: Bytes;
  /** Another one took its place: it seals again only where somebody names it. */
  readonly superseded: boolean;
}

/** A KEK as an operator sees it. */
export interface KekOverview {
  readonly id: string;
  readonly state: KekState;
  /** Since when it is in that state. */
  readonly since: Date;
  /** How many secrets are wrapped under it. */
  readonly secrets: number;
  /** The running servers that hold it: host and process. */
  readonly servers: readonly string[];
}

/** Inside a transaction, for who writes something that belongs to the same change. */
export type KekTransaction = Prisma.TransactionClient;

/** The KEKs while nobody else changes their states. */
export interface LockedKeks {
  readonly rows: readonly KekRow[];
  readonly tx: KekTransaction;
  /** How many running servers do not hold a KEK. */
  serversWithout(kekId: string): Promise<number>;
  /** Makes it the one that seals; the one before is openable again. */
  makeSealing(kekId: string): Promise<void>;
  /** @throws {KekRefused} STILL_WRAPS where something is wrapped under it, or was about to be and now is */
  retire(kekId: string): Promise<void>;
}

/** The foreign key by which the database refuses a secret under a retired KEK, and to retire one under which there is a secret. */
const WRAPPED_CONSTRAINT = 'sealed_secrets_kek_id_kek_usable_fkey';

/** A server that has not been seen for so long has ended without saying so. */
const STALE = Prisma.sql`interval '30 seconds'`;

const COLUMNS = { id: true, state: true, canary: true, superseded: true } as const;

const ANNOUNCE = `
  INSERT INTO kek_holders (instance_id, instance_name, kek_id, seals)
  SELECT $1::uuid, $2, held, held = $4::uuid FROM unnest($3::uuid[]) AS held
  ON CONFLICT (instance_id, kek_id) DO UPDATE SET seals = excluded.seals, seen_at = now()`;

/** A server that announces itself. */
export interface Instance {
  readonly id: string;
  /** For people: host and process. */
  readonly name: string;
}

export type KekRepository = ReturnType<typeof kekRepository>;

/** The only code that touches the tables of KEKs and of who holds them. */
export function kekRepository({ prisma, query }: Database) {
  const list = (client: Pick<KekTransaction, 'kek'>): Promise<KekRow[]> =>
    client.kek.findMany({ select: COLUMNS, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });

  /** Those who store secrets are not kept waiting: their foreign key asks for a weaker lock. */
  function underLock<T>(act: (locked: LockedKeks) => Promise<T>): Promise<T> {
    return prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM keks ORDER BY id FOR NO KEY UPDATE`;
      // After the lock: whoever held it may have added one.
      return act({ rows: await list(tx), tx, ...changesOf(tx) });
    });
  }

  return withStoreErrors({
    list: () => list(prisma),
    underLock,

    /** Adds the store's first KEK, unless another process was quicker: a unique index lets one alone be `sealing`. */
    async addFirst({ id, canary }: Pick<KekRow, 'id' | 'canary'>): Promise<void> {
      await prisma.kek.createMany({ data: [{ id, canary, state: 'sealing' }], skipDuplicates: true });
    },

    /**
     * Adds openable KEKs.
     *
     * @param missing chooses them, knowing all that are there; nobody else adds one meanwhile
     */
    async register(missing: (known: readonly KekRow[]) => readonly Pick<KekRow, 'id' | 'canary'>[]): Promise<void> {
      await underLock(({ rows, tx }) =>
        tx.kek.createMany({
          data: missing(rows).map(({ id, canary }) => ({ id, canary, state: 'openable' as const })),
        }),
      );
    },

    /** All KEKs with what is wrapped under them, oldest first. */
    overview(): Promise<KekOverview[]> {
      return prisma.$queryRaw<KekOverview[]>`
        SELECT k.id, k.state, k.state_since AS since,
          (SELECT count(*)::int FROM sealed_secrets s WHERE s.kek_id = k.id) AS secrets,
          ARRAY(SELECT h.instance_name FROM kek_holders h
            WHERE h.kek_id = k.id AND h.seen_at > now() - ${STALE} ORDER BY 1) AS servers
        FROM keks k ORDER BY k.created_at, k.id`;
    },

    /** Says that a server runs, which KEKs it holds, and which of them it seals with. */
    async announce({ id, name }: Instance, held: readonly string[], sealing: string): Promise<void> {
      await query(ANNOUNCE, [id, name, [...held], sealing]);
    },

    /** Says that a server ends. */
    async withdraw({ id }: Instance): Promise<void> {
      await prisma.$executeRaw`
        DELETE FROM kek_holders WHERE instance_id = ${id}::uuid OR seen_at < now() - interval '1 day'`;
    },

    /** How many running servers hold a KEK and do not seal with it yet. */
    async serversBehind(kekId: string): Promise<number> {
      const rows = await query<{ servers: number }>(
        `SELECT count(*)::int AS servers FROM kek_holders
          WHERE kek_id = $1::uuid AND NOT seals AND seen_at > now() - interval '30 seconds'`,
        [kekId],
      );
      return rows[0]?.servers ?? 0;
    },
  });
}

function changesOf(tx: KekTransaction): Omit<LockedKeks, 'rows' | 'tx'> {
  return {
    async serversWithout(kekId) {
      const rows = await tx.$queryRaw<{ servers: number }[]>`
        SELECT count(*)::int AS servers FROM (
          SELECT FROM kek_holders WHERE seen_at > now() - ${STALE}
          GROUP BY instance_id HAVING NOT bool_or(kek_id = ${kekId}::uuid)) without`;
      return rows[0]?.servers ?? 0;
    },
    async makeSealing(kekId) {
      await tx.$executeRaw`
        UPDATE keks SET state = 'openable', superseded = true, state_since = now() WHERE state = 'sealing'`;
      await tx.$executeRaw`
        UPDATE keks SET state = 'sealing', superseded = false, state_since = now() WHERE id = ${kekId}::uuid`;
    },
    async retire(kekId) {
      await refusing(
        () => tx.$executeRaw`UPDATE keks SET state = 'retired', state_since = now() WHERE id = ${kekId}::uuid`,
        () => new KekRefused('STILL_WRAPS', `something is still wrapped under KEK ${kekId}`),
      );
    },
  };
}

/** Turns the database's refusal of a secret under a retired KEK into {@link KekRetired}; other errors pass. */
export function refusingRetiredKeks<T>(write: () => Promise<T>): Promise<T> {
  return refusing(write, () => new KekRetired());
}

async function refusing<T>(write: () => Promise<T>, refusal: () => Error): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw violatedConstraint(error) === WRAPPED_CONSTRAINT ? refusal() : error;
  }
}
