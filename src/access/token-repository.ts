import { randomUUID } from 'node:crypto';
import { type Database, withStoreErrors } from '../database/index.ts';
import type { FoundCaller } from './caller-cache.ts';
import type { Grant, Permission } from './permission.ts';
import type { Caller } from './principal.ts';
import { formatReach, parseReach, type Reach } from './reach.ts';

type Hash = Uint8Array<ArrayBuffer>;

/** The bootstrap token and its principal are one fixed row each, so that every replica writes the same one. */
const BOOTSTRAP_PRINCIPAL = { id: '6f6f7473-7472-4170-8000-000000000001', username: 'bootstrap' };
const BOOTSTRAP_TOKEN = {
  id: '6f6f7473-7472-4170-8000-000000000002',
  principalId: BOOTSTRAP_PRINCIPAL.id,
  identifier: 'bootstrap',
  description: 'bootstrap token',
  isSuperuser: true,
  permissions: [],
  reach: ['authentik', 'strata', 'astra'],
};

// The database's clock decides, so that all replicas agree.
const USABLE = 't.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())';
const FIND_CALLER = `
  SELECT p.id, p.username, t.id AS "tokenId", t.is_superuser AS "isSuperuser", t.permissions::text[] AS permissions, t.reach,
    (SELECT array_agg(g.permission || '@' || g.keypair_id) FROM object_grants g WHERE g.token_id = t.id) AS grants,
    (extract(epoch FROM t.expires_at - now()) * 1000)::float8 AS "expiresInMs"
  FROM tokens t JOIN principals p ON p.id = t.principal_id WHERE t.hash = $1 AND ${USABLE}`;
const HAS_USABLE_TOKEN = `SELECT EXISTS (SELECT 1 FROM tokens t WHERE ${USABLE}) AS found`;

interface CallerRow extends Pick<Caller, 'id' | 'username' | 'tokenId' | 'isSuperuser'> {
  readonly permissions: readonly Permission[];
  readonly reach: readonly string[];
  /** `permission@keypair`; null without one. */
  readonly grants: readonly string[] | null;
  readonly expiresInMs: number | null;
}

/** What a token may do, and where. */
export interface TokenRights {
  readonly isSuperuser: boolean;
  readonly grants: readonly Grant[];
  readonly reach: readonly Reach[];
}

export interface NewToken extends TokenRights {
  /** Whose it is; a new name makes a new principal. */
  readonly username: string;
  /** By which people and the API name it. */
  readonly identifier: string;
  readonly description: string;
  readonly expiresAt: Date | null;
}

/** `taken`: the token is somebody else's, and stays theirs. */
export type BootstrapOutcome = 'created' | 'replaced' | 'unchanged' | 'taken';
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

    /** Whether any token would be let in. */
    async hasUsableToken(): Promise<boolean> {
      const rows = await database.query<{ found: boolean }>(HAS_USABLE_TOKEN, []);
      return rows[0]?.found === true;
    },

    /** Makes `hash` the bootstrap token; the row's lock makes replicas that start together take turns. */
    async putBootstrap(hash: Hash): Promise<BootstrapOutcome> {
      return prisma.$transaction(async (tx) => {
        await tx.principal.createMany({ data: [BOOTSTRAP_PRINCIPAL], skipDuplicates: true });
        const created = await tx.token.createMany({ data: [{ ...BOOTSTRAP_TOKEN, hash }], skipDuplicates: true });
        if (created.count === 1) {
          return 'created';
        }
        const holder = await tx.token.findUnique({ where: { hash }, select: { id: true } });
        if (holder !== null) {
          return holder.id === BOOTSTRAP_TOKEN.id ? 'unchanged' : 'taken';
        }
        const replacement = { hash, createdAt: new Date(), revokedAt: null };
        await tx.token.update({ where: { id: BOOTSTRAP_TOKEN.id }, data: replacement, select: { id: true } });
        return 'replaced';
      });
    },

    /** Stores a token, and its principal where the username is new. */
    async add({ username, grants, reach, ...token }: NewToken, hash: Hash): Promise<void> {
      const id = username === BOOTSTRAP_PRINCIPAL.username ? BOOTSTRAP_PRINCIPAL.id : randomUUID();
      const single = grants.flatMap(({ permission, keypairId }) =>
        keypairId === undefined ? [] : [{ permission, keypairId }],
      );
      const everywhere = grants.filter(({ keypairId }) => keypairId === undefined);
      await prisma.$transaction(async (tx) => {
        // Not an upsert: of two that come with one new name at once, its second would fail.
        await tx.principal.createMany({ data: [{ id, username }], skipDuplicates: true });
        const principal = await tx.principal.findUniqueOrThrow({ where: { username }, select: { id: true } });
        await tx.token.create({
          data: {
            ...token,
            id: randomUUID(),
            hash,
            principalId: principal.id,
            permissions: [...new Set(everywhere.map(({ permission }) => permission))],
            reach: reach.map(formatReach),
            grants: { createMany: { data: single, skipDuplicates: true } },
          },
          select: { id: true },
        });
      });
    },
  });
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
