import { randomUUID } from 'node:crypto';
import { type EventRow, insertEvent } from '../audit/index.ts';
import type { Database } from '../database/index.ts';
import type { Grant } from './permission.ts';
import { formatReach } from './reach.ts';
import { TokenNotFound, TokenRefused, type TokenRefusedCode } from './token-errors.ts';
import {
  type NewToken,
  TOKEN_FIELDS,
  type TokenChange,
  type TokenRecord,
  type TokenRights,
  toTokenRecord,
} from './token-record.ts';

type Hash = Uint8Array<ArrayBuffer>;

/** The bootstrap token's principal is one fixed row, which a token for the same name shares. */
export const BOOTSTRAP_PRINCIPAL = { id: '6f6f7473-7472-4170-8000-000000000001', username: 'bootstrap' };

/** A token to be stored, with the event that tells of it. */
export interface TokenInsertion {
  readonly id: string;
  readonly hash: Hash;
  readonly token: NewToken;
  readonly event: EventRow;
}

/** What is to be done to a token, with the event that tells of it. */
export interface TokenWrite {
  readonly change: TokenChange | { readonly revokedAt: Date };
  readonly event: EventRow;
}

/** Writes of tokens, each in one transaction with its event. */
export function tokenWrites({ prisma }: Database) {
  return {
    /**
     * Stores a token, and its principal where the username is new.
     *
     * @throws {TokenRefused} where the identifier is taken, or a grant's keypair is not there
     */
    async add({ id, hash, token, event }: TokenInsertion): Promise<TokenRecord> {
      const { username, grants, isSuperuser, reach, ...rest } = token;
      const principalId = username === BOOTSTRAP_PRINCIPAL.username ? BOOTSTRAP_PRINCIPAL.id : randomUUID();
      return refusing(() =>
        prisma.$transaction(async (tx) => {
          // Not an upsert: of two that come with one new name at once, its second would fail.
          await tx.principal.createMany({ data: [{ id: principalId, username }], skipDuplicates: true });
          const principal = await tx.principal.findUniqueOrThrow({ where: { username }, select: { id: true } });
          await insertEvent(tx, event);
          const row = await tx.token.create({
            data: {
              ...rest,
              id,
              hash,
              principalId: principal.id,
              ...rightsColumns({ grants, isSuperuser, reach }),
              grants: { createMany: { data: singleGrants(grants), skipDuplicates: true } },
            },
            select: TOKEN_FIELDS,
          });
          return toTokenRecord(row);
        }),
      );
    },

    /**
     * Changes or revokes a token.
     *
     * @param decide is shown the token while nobody else can change it; what it throws is passed on, and nothing is written
     * @returns the token afterwards
     * @throws {TokenNotFound} where there is none, or it was revoked
     * @throws {TokenRefused} where a grant's keypair is not there
     */
    async change(identifier: string, decide: (current: TokenRecord) => TokenWrite): Promise<TokenRecord> {
      return refusing(() =>
        prisma.$transaction(async (tx) => {
          await tx.$queryRaw`SELECT id FROM tokens WHERE identifier = ${identifier} FOR UPDATE`;
          const row = await tx.token.findUnique({ where: { identifier }, select: TOKEN_FIELDS });
          if (row === null || row.revokedAt !== null) {
            throw new TokenNotFound();
          }
          const { change, event } = decide(toTokenRecord(row));
          await insertEvent(tx, event);
          const changed = await tx.token.update({
            where: { identifier },
            data: columnsOf(change),
            select: TOKEN_FIELDS,
          });
          return toTokenRecord(changed);
        }),
      );
    },
  };
}

function columnsOf(change: TokenWrite['change']) {
  if ('revokedAt' in change) {
    return change;
  }
  const { rights, description, expiresAt } = change;
  return {
    ...(description === undefined ? {} : { description }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(rights === undefined
      ? {}
      : {
          ...rightsColumns(rights),
          grants: { deleteMany: {}, createMany: { data: singleGrants(rights.grants), skipDuplicates: true } },
        }),
  };
}

function rightsColumns({ isSuperuser, grants, reach }: TokenRights) {
  const everywhere = grants.filter(({ keypairId }) => keypairId === undefined);
  return {
    isSuperuser,
    permissions: [...new Set(everywhere.map(({ permission }) => permission))],
    reach: [...new Set(reach.map(formatReach))],
  };
}

function singleGrants(grants: readonly Grant[]) {
  return grants.flatMap(({ permission, keypairId }) => (keypairId === undefined ? [] : [{ permission, keypairId }]));
}

/** Prisma's codes. Ids and hashes are random: only an identifier can be there already; principals stay, keypairs may not. */
const REFUSALS: Readonly<Record<string, TokenRefusedCode>> = { P2002: 'IDENTIFIER_TAKEN', P2003: 'KEYPAIR_UNKNOWN' };

async function refusing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? REFUSALS[String(error.code)] : undefined;
    throw code === undefined ? error : new TokenRefused(code);
  }
}
