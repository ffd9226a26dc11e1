import type { PrincipalId } from '../audit/index.ts';
import type { Database } from '../database/index.ts';
import { TOKEN_FIELDS, type TokenOwner, type TokenRecord, toTokenRecord } from './token-record.ts';

/** Which tokens are wanted. What is undefined does not matter; all that is given must hold. */
export interface TokenFilter {
  readonly identifier?: string | undefined;
  readonly username?: string | undefined;
  readonly description?: string | undefined;
  readonly expiresAt?: Date | undefined;
  readonly expiring?: boolean | undefined;
  readonly ownerId?: PrincipalId | undefined;
  /** Each must occur in the identifier, the username or the description, whatever the case of its ASCII letters. */
  readonly search?: readonly string[] | undefined;
  readonly includeRevoked?: boolean | undefined;
}

export type TokenOrderField = 'id' | 'identifier' | 'owner' | 'description' | 'expiresAt';

export interface TokenOrder {
  readonly field: TokenOrderField;
  readonly descending: boolean;
}

export interface TokenPage {
  readonly limit: number;
  /** `last-page` for the last one, whichever that is. */
  readonly offset: number | 'last-page';
}

export interface TokensFound {
  readonly tokens: readonly TokenRecord[];
  /** All that match, not those of the page alone. */
  readonly total: number;
}

const OWNER_FIELDS = { id: true, number: true, username: true, createdAt: true } as const;

/** Reads of tokens as records, which no request waits for that only shows one. */
export function tokenReads({ prisma }: Database) {
  return {
    /** A page of tokens and how many there are, from one snapshot. */
    async list(filter: TokenFilter, orders: readonly TokenOrder[], { limit, offset }: TokenPage): Promise<TokensFound> {
      const where = whereOf(filter);
      return prisma.$transaction(
        async (tx) => {
          const total = await tx.token.count({ where });
          const skip = offset === 'last-page' ? Math.floor(Math.max(0, total - 1) / limit) * limit : offset;
          const rows = await tx.token.findMany({
            where,
            // Identifiers are unique: no two pages show the same token.
            orderBy: [...orders.map(orderOf), { identifier: 'asc' }],
            take: limit,
            skip,
            select: TOKEN_FIELDS,
          });
          return { tokens: rows.map(toTokenRecord), total };
        },
        { isolationLevel: 'RepeatableRead' },
      );
    },

    async find(filter: TokenFilter & { readonly identifier: string }): Promise<TokenRecord | undefined> {
      const row = await prisma.token.findFirst({ where: whereOf(filter), select: TOKEN_FIELDS });
      return row === null ? undefined : toTokenRecord(row);
    },

    /** Whether an identifier is, or was, that of a token. */
    async isTaken(identifier: string): Promise<boolean> {
      return (await prisma.token.count({ where: { identifier } })) > 0;
    },

    async findOwner(number: number): Promise<TokenOwner | undefined> {
      const row = await prisma.principal.findUnique({ where: { number }, select: OWNER_FIELDS });
      return row === null ? undefined : { ...row, id: row.id as PrincipalId };
    },
  };
}

function whereOf(filter: TokenFilter) {
  const { identifier, username, description, expiresAt, expiring, ownerId, search = [], includeRevoked } = filter;
  return {
    AND: [
      ...(identifier === undefined ? [] : [{ identifier }]),
      ...(username === undefined ? [] : [{ principal: { username } }]),
      ...(description === undefined ? [] : [{ description }]),
      ...(expiresAt === undefined ? [] : [{ expiresAt }]),
      ...(expiring === undefined ? [] : [{ expiresAt: expiring ? { not: null } : null }]),
      ...(ownerId === undefined ? [] : [{ principalId: ownerId }]),
      ...(includeRevoked === true ? [] : [{ revokedAt: null }]),
      ...search.map((term) => ({
        OR: [
          { identifier: containing(term) },
          { description: containing(term) },
          { principal: { username: containing(term) } },
        ],
      })),
    ],
  };
}

/** Prisma passes the wildcards of LIKE on. */
function containing(term: string) {
  return { contains: term.replaceAll(/[\\%_]/g, String.raw`\$&`), mode: 'insensitive' as const };
}

function orderOf({ field, descending }: TokenOrder) {
  const direction = descending ? ('desc' as const) : ('asc' as const);
  return field === 'owner' ? { principal: { number: direction } } : { [field]: direction };
}
