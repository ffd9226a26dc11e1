import { formatGrant, formatReach, type TokenRecord } from '../../access/index.ts';

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
  const rows = [
    COLUMNS.map((name) => name.toUpperCase()),
    ...views.map((view) =>
      [
        view.identifier,
        view.username,
        rightsText(view),
        view.reach.join(','),
        minute(view.created),
        minute(view.expires),
        minute(view.last_used),
        view.state,
      ].map(printable),
    ),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
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

/** Of a time in ISO 8601, what a person looks for. */
function minute(time: string | null): string {
  return time === null ? '-' : `${time.slice(0, 16)}Z`;
}

/** Names come from whoever asked for a token: what steers a terminal is escaped. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
