import { randomUUID } from 'node:crypto';
import { type Database, withStoreErrors } from '../database/index.ts';
import type { FoundCaller } from './caller-cache.ts';
import type { Caller } from './principal.ts';

type Hash = Uint8Array<ArrayBuffer>;

/** The bootstrap token and its principal are one fixed row each, so that every replica writes the same one. */
const BOOTSTRAP_PRINCIPAL = { id: '6f6f7473-7472-4170-8000-000000000001', username: 'bootstrap' };
const BOOTSTRAP_TOKEN_ID = '6f6f7473-7472-4170-8000-000000000002';

// The database's clock decides, so that all replicas agree.
const USABLE = 't.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())';
const FIND_CALLER = `
  SELECT p.id, p.username, p.is_superuser AS "isSuperuser", t.id AS "tokenId",
    (extract(epoch FROM t.expires_at - now()) * 1000)::float8 AS "expiresInMs"
  FROM tokens t JOIN principals p ON p.id = t.principal_id WHERE t.hash = $1 AND ${USABLE}`;
const HAS_USABLE_TOKEN = `SELECT EXISTS (SELECT 1 FROM tokens t WHERE ${USABLE}) AS found`;

export interface NewToken {
  readonly username: string;
  /** Whether the token's principal shall hold every right. */
  readonly isSuperuser: boolean;
  readonly description: string;
}

/** `taken`: the token is somebody else's, and stays theirs. */
export type BootstrapOutcome = 'created' | 'replaced' | 'unchanged' | 'taken';
export type TokenRepository = ReturnType<typeof tokenRepository>;

/** The only code that touches the tables of principals and tokens. */
export function tokenRepository(database: Database) {
  const { prisma } = database;

  return withStoreErrors({
    /** Whoever shows a token, where that is neither expired nor revoked. */
    async findCaller(hash: Hash): Promise<FoundCaller | undefined> {
      const [row] = await database.lookUp<Caller & Pick<FoundCaller, 'expiresInMs'>>(FIND_CALLER, [Buffer.from(hash)]);
      if (row === undefined) {
        return undefined;
      }
      const { expiresInMs, ...caller } = row;
      return { caller, expiresInMs };
    },

    /** Whether any token would be let in. */
    async hasUsableToken(): Promise<boolean> {
      const rows = await database.query<{ found: boolean }>(HAS_USABLE_TOKEN, []);
      return rows[0]?.found === true;
    },

    /** Makes `hash` the bootstrap token; the row's lock makes replicas that start together take turns. */
    async putBootstrap(hash: Hash): Promise<BootstrapOutcome> {
      return prisma.$transaction(async (tx) => {
        await tx.principal.createMany({ data: [{ ...BOOTSTRAP_PRINCIPAL, isSuperuser: true }], skipDuplicates: true });
        // It may be there already with less: an operator can make a token for it.
        await tx.principal.updateMany({
          where: { id: BOOTSTRAP_PRINCIPAL.id, isSuperuser: false },
          data: { isSuperuser: true },
        });
        const token = { id: BOOTSTRAP_TOKEN_ID, principalId: BOOTSTRAP_PRINCIPAL.id, description: 'bootstrap token' };
        const created = await tx.token.createMany({ data: [{ ...token, hash }], skipDuplicates: true });
        if (created.count === 1) {
          return 'created';
        }
        const holder = await tx.token.findUnique({ where: { hash }, select: { id: true } });
        if (holder !== null) {
          return holder.id === BOOTSTRAP_TOKEN_ID ? 'unchanged' : 'taken';
        }
        const replacement = { hash, createdAt: new Date(), revokedAt: null };
        await tx.token.update({ where: { id: BOOTSTRAP_TOKEN_ID }, data: replacement, select: { id: true } });
        return 'replaced';
      });
    },

    /** Stores a token, and tells what its principal holds. That one is made where the username is new; one that is there may gain rights and never loses any. */
    async add({ username, isSuperuser, description }: NewToken, hash: Hash): Promise<{ isSuperuser: boolean }> {
      const id = username === BOOTSTRAP_PRINCIPAL.username ? BOOTSTRAP_PRINCIPAL.id : randomUUID();
      return prisma.$transaction(async (tx) => {
        // Not an upsert: of two that come with one new name at once, its second would fail.
        await tx.principal.createMany({ data: [{ id, username, isSuperuser }], skipDuplicates: true });
        const principal = await tx.principal.update({
          where: { username },
          data: isSuperuser ? { isSuperuser } : {},
          select: { id: true, isSuperuser: true },
        });
        await tx.token.create({
          data: { id: randomUUID(), principalId: principal.id, hash, description },
          select: { id: true },
        });
        return { isSuperuser: principal.isSuperuser };
      });
    },
  });
}
