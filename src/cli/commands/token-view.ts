import { formatGrant, formatReach, type TokenRecord } from '../../access/index.ts';
import { minute, printable, tableText } from './text-output.ts';

/** A token as the commands show it; the names are those of the API. */
export function viewOf(token: TokenRecord, now: Date) {
  const { id, identifier, description, owner, createdAt, expiresAt, lastUsedAt, revokedAt } = token;
  return {
    pk: id,
    identifier,
    username: owner.username,
    description,
    is_superuser: token.isSuperuser,
    permissions: token.grants.map(formatGrant),
    reach: token.reach.map(formatReach),
    created: createdAt.toISOString(),
    expires: expiresAt?.toISOString() ?? null,
    last_used: lastUsedAt?.toISOString() ?? null,
    revoked: revokedAt?.toISOString() ?? null,
    state: stateOf(token, now),
  };
}

export type TokenView = ReturnType<typeof viewOf>;

function stateOf({ revokedAt, expiresAt }: TokenRecord, now: Date): 'active' | 'expired' | 'revoked' {
  if (revokedAt !== null) {
    return 'revoked';
  }
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

const COLUMNS = ['identifier', 'username', 'rights', 'reach', 'created', 'expires', 'last used', 'state'] as const;

/** A line for each token, below a line that names the columns. */
export function tableOf(views: readonly TokenView[]): string {
  return tableText([
    COLUMNS.map((name) => name.toUpperCase()),
    ...views.map((view) => [
      view.identifier,
      view.username,
      rightsText(view),
      view.reach.join(','),
      minute(view.created),
      minute(view.expires),
      minute(view.last_used),
      view.state,
    ]),
  ]);
}

/** A line for each fact of a token. */
export function detailsOf(view: TokenView): string {
  const facts = Object.entries(view).map(([name, value]) => {
    const text = Array.isArray(value) ? value.join(' ') : String(value ?? '-');
    return `${name.padEnd(13)} ${printable(text)}`.trimEnd();
  });
  return `${facts.join('\n')}\n`;
}

function rightsText({ is_superuser, permissions }: TokenView): string {
  return is_superuser ? 'all' : permissions.join(',') || 'none';
}
