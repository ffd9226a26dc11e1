import type { PrincipalId } from '../audit/index.ts';
import { type Grant, PERMISSIONS, type Permission } from './permission.ts';
import type { Principal } from './principal.ts';
import { parseReach, type Reach } from './reach.ts';

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

/** What may change of a token. What is undefined stays. */
export interface TokenChange {
  readonly description?: string | undefined;
  readonly expiresAt?: Date | null | undefined;
  readonly rights?: TokenRights | undefined;
}

/** Whose a token is. */
export interface TokenOwner extends Principal {
  /** What authentik's API calls the `pk` of a user. */
  readonly number: number;
  readonly createdAt: Date;
}

/** A token as it is stored; its text is nowhere. */
export interface TokenRecord extends TokenRights {
  /** UUID. */
  readonly id: string;
  readonly identifier: string;
  readonly description: string;
  readonly owner: TokenOwner;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** A minute or so behind; null where it was never shown. */
  readonly lastUsedAt: Date | null;
}

/** What Prisma is asked for to make a record. */
export const TOKEN_FIELDS = {
  id: true,
  identifier: true,
  description: true,
  isSuperuser: true,
  permissions: true,
  reach: true,
  createdAt: true,
  expiresAt: true,
  revokedAt: true,
  lastUsedAt: true,
  principal: { select: { id: true, number: true, username: true, createdAt: true } },
  grants: { select: { permission: true, keypairId: true }, orderBy: { keypairId: 'asc' } },
} as const;

interface TokenRow extends Omit<TokenRecord, 'owner' | 'grants' | 'reach'> {
  readonly principal: Omit<TokenOwner, 'id'> & { readonly id: string };
  readonly permissions: readonly Permission[];
  readonly grants: readonly { readonly permission: Permission; readonly keypairId: string }[];
  readonly reach: readonly string[];
}

/** A row with {@link TOKEN_FIELDS} as a record: permissions in one order, those on everything first. */
export function toTokenRecord({ principal, permissions, grants, reach, ...token }: TokenRow): TokenRecord {
  const place = ({ permission }: Grant) => PERMISSIONS.indexOf(permission);
  return {
    ...token,
    owner: { ...principal, id: principal.id as PrincipalId },
    grants: [
      ...permissions.map((permission) => ({ permission })).sort((one, other) => place(one) - place(other)),
      ...grants.toSorted((one, other) => place(one) - place(other)),
    ],
    reach: reach.map(parseReach),
  };
}
