import { randomUUID } from 'node:crypto';
import { type EventRow, insertEvent } from '../audit/index.ts';
import { type Database, withStoreErrors } from '../database/index.ts';
import type { FoundCaller } from './caller-cache.ts';
import type { Permission } from './permission.ts';
import type { Caller } from './principal.ts';
import { parseReach, REALMS } from './reach.ts';
import type { NamedToken } from './token-events.ts';
import { BOOTSTRAP_IDENTIFIER } from './token-names.ts';
import { tokenReads } from './token-reads.ts';
import type { FoundClient, TokenReference } from './token-reference.ts';
import { BOOTSTRAP_PRINCIPAL, tokenWrites } from './token-writes.ts';

type Hash = Uint8Array<ArrayBuffer>;

/** The bootstrap token is one fixed row, so that every replica writes the same one. */
export const BOOTSTRAP_TOKEN: NamedToken = {
  id: '6f6f7473-7472-4170-8000-000000000002',
  identifier: BOOTSTRAP_IDENTIFIER,
  isSuperuser: true,
  grants: [],
  reach: REALMS.map((realm) => ({ realm })),
  expiresAt: null,
};
const BOOTSTRAP_ROW = {
  id: BOOTSTRAP_TOKEN.id,
  principalId: BOOTSTRAP_PRINCIPAL.id,
  identifier: BOOTSTRAP_IDENTIFIER,
  description: 'bootstrap token',
  isSuperuser: true,
  permissions: [],
  reach: [...REALMS],
};
/** Of the rows that keep the hashes of revoked ones. */
const REVOKED_PREFIX = `${BOOTSTRAP_IDENTIFIER}-revoked-`;
/** What an earlier bootstrap token may have become holds for none after it. */
const AS_NEW = { expiresAt: null, revokedAt: null, lastUsedAt: null, grants: { deleteMany: {} } };

// The database's clock decides, so that all replicas agree.
const USABLE = 't.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())';
const CALLER_COLUMNS = `p.id, p.username, t.id AS "tokenId", t.is_superuser AS "isSuperuser",
    t.permissions::text[] AS permissions, t.reach,
    (SELECT array_agg(g.permission || '@' || g.keypair_id) FROM object_grants g WHERE g.token_id = t.id) AS grants,
    (extract(epoch FROM t.expires_at - now()) * 1000)::float8 AS "expiresInMs"`;
const CREATED_AT_MS = 'floor(extract(epoch FROM t.created_at) * 1000)::float8';
const FROM_USABLE = `FROM tokens t JOIN principals p ON p.id = t.principal_id WHERE ${USABLE}`;
const FIND_CALLER = `SELECT ${CALLER_COLUMNS} ${FROM_USABLE} AND t.hash = $1`;
const FIND_CLIENT = `
  SELECT ${CALLER_COLUMNS}, ${CREATED_AT_MS} AS "createdAtMs" ${FROM_USABLE} AND t.hash = $1 AND $2 IN (t.identifier, t.id::text)`;
const FIND_CALLER_BY_REFERENCE = `
  SELECT ${CALLER_COLUMNS} ${FROM_USABLE}
    AND t.id = $1::uuid AND $2 IN (t.identifier, t.id::text) AND ${CREATED_AT_MS} = $3::float8`;
// Locked in one order: two replicas that write at once would otherwise wait for each other.
const WRITE_LAST_USES = `
  WITH uses AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS u(id, at)),
    locked AS (SELECT id FROM tokens WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE)
  UPDATE tokens t SET last_used_at = uses.at FROM uses, locked
  WHERE t.id = locked.id AND uses.id = locked.id AND (t.last_used_at IS NULL OR t.last_used_at < uses.at)`;
const HAS_USABLE_TOKEN = `SELECT EXISTS (SELECT 1 FROM tokens t WHERE ${USABLE}) AS found`;

interface CallerRow extends Pick<Caller, 'id' | 'username' | 'tokenId' | 'isSuperuser'> {
  readonly permissions: readonly Permission[];
  readonly reach: readonly string[];
  /** `permission@keypair`; null without one. */
  readonly grants: readonly string[] | null;
  readonly expiresInMs: number | null;
}

/**
 * `taken`: the token is somebody else's, and stays theirs. `revoked`: it is the bootstrap token, which somebody revoked; a start does not
 * undo that, but with another token.
 */
export type BootstrapOutcome = 'created' | 'replaced' | 'unchanged' | 'revoked' | 'taken';

/** Made only where they are written. */
export interface BootstrapEvents {
  created(): EventRow;
  replaced(): EventRow;
}

export type TokenRepository = ReturnType<typeof tokenRepository>;

/** The only code that touches the tables of principals, tokens and grants. */
export function tokenRepository(database: Database) {
  const { prisma } = database;

  return withStoreErrors({
    /** Whoever shows a token, where that is neither expired nor revoked. */
    async findCaller(hash: Hash): Promise<FoundCaller | undefined> {
      const [row] = await database.lookUp<CallerRow>(FIND_CALLER, [Buffer.from(hash)]);
      return row && toFoundCaller(row);
    },

    /** As {@link findCaller}, where the token is also named rightly. */
    async findClient(hash: Hash, clientId: string): Promise<FoundClient | undefined> {
      const rows = await database.lookUp<CallerRow & { createdAtMs: number }>(FIND_CLIENT, [
        Buffer.from(hash),
        clientId,
      ]);
      const [row] = rows;
      if (row === undefined) {
        return undefined;
      }
      const { createdAtMs, ...rest } = row;
      const found = toFoundCaller(rest);
      return { ...found, reference: { tokenId: rest.tokenId, clientId, createdAtMs } };
    },

    /** Whoever a reference speaks for, where its token is neither expired nor revoked, nor another one by now. */
    async findReferenced({ tokenId, clientId, createdAtMs }: TokenReference): Promise<FoundCaller | undefined> {
      const [row] = await database.lookUp<CallerRow>(FIND_CALLER_BY_REFERENCE, [tokenId, clientId, createdAtMs]);
      return row && toFoundCaller(row);
    },

    /** Whether any token would be let in. */
    async hasUsableToken(): Promise<boolean> {
      const rows = await database.query<{ found: boolean }>(HAS_USABLE_TOKEN, []);
      return rows[0]?.found === true;
    },

    /**
     * Makes `hash` the bootstrap token; the row's lock makes replicas that start together take turns. One that was revoked leaves its hash
     * behind when another takes its place: a replica that still knows it does not bring it back.
     *
     * @param events tell of a token that is new, and of another one in its place
     */
    async putBootstrap(hash: Hash, events: BootstrapEvents): Promise<BootstrapOutcome> {
      return prisma.$transaction(async (tx) => {
        await tx.principal.createMany({ data: [BOOTSTRAP_PRINCIPAL], skipDuplicates: true });
        const created = await tx.token.createMany({ data: [{ ...BOOTSTRAP_ROW, hash }], skipDuplicates: true });
        if (created.count === 1) {
          await insertEvent(tx, events.created());
          return 'created';
        }
        await tx.$queryRaw`SELECT id FROM tokens WHERE id = ${BOOTSTRAP_ROW.id}::uuid FOR UPDATE`;
        const select = { id: true, identifier: true, hash: true, revokedAt: true } as const;
        const holder = await tx.token.findUnique({ where: { hash }, select });
        if (holder !== null) {
          return outcomeOf(holder);
        }
        const before = await tx.token.findUniqueOrThrow({ where: { id: BOOTSTRAP_ROW.id }, select });
        await insertEvent(tx, events.replaced());
        const replacement = { ...BOOTSTRAP_ROW, hash, createdAt: new Date(), ...AS_NEW };
        await tx.token.update({ where: { id: BOOTSTRAP_ROW.id }, data: replacement, select: { id: true } });
        if (before.revokedAt !== null) {
          const { hash: revoked, revokedAt } = before;
          await tx.token.create({ data: { ...revokedRow(), hash: revoked, revokedAt }, select: { id: true } });
        }
        return 'replaced';
      });
    },

    ...tokenReads(database),
    ...tokenWrites(database),

    /** Writes when tokens were last used, one statement for all; never an earlier time over a later one. */
    async writeLastUses(uses: ReadonlyMap<string, Date>): Promise<void> {
      await database.query(WRITE_LAST_USES, [[...uses.keys()], [...uses.values()]]);
    },
  });
}

/** Of a bootstrap token that another one replaced after it was revoked. */
function revokedRow() {
  const id = randomUUID();
  return { ...BOOTSTRAP_ROW, id, identifier: `${REVOKED_PREFIX}${id}`, isSuperuser: false };
}

/** Of a start with a token that is there already. */
function outcomeOf({ id, identifier, revokedAt }: Record<'id' | 'identifier', string> & { revokedAt: Date | null }) {
  if (id === BOOTSTRAP_ROW.id) {
    return revokedAt === null ? 'unchanged' : 'revoked';
  }
  return revokedAt !== null && identifier.startsWith(REVOKED_PREFIX) ? 'revoked' : 'taken';
}

function toFoundCaller({ expiresInMs, permissions, reach, grants, ...caller }: CallerRow): FoundCaller {
  const objectPermissions = new Map<Permission, Set<string>>();
  for (const grant of grants ?? []) {
    const [permission, keypairId] = grant.split('@') as [Permission, string];
    objectPermissions.set(permission, (objectPermissions.get(permission) ?? new Set()).add(keypairId));
  }
  return {
    caller: { ...caller, permissions: new Set(permissions), reach: reach.map(parseReach), objectPermissions },
    expiresInMs,
  };
}
