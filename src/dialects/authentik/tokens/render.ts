import { formatGrant, formatReach, type TokenOwner, type TokenRecord } from '../../../access/index.ts';

/** A token as this API shows it: authentik's fields in its order, then ours. Its text is none of them. */
export function renderToken(token: TokenRecord) {
  const { owner, expiresAt } = token;
  return {
    pk: token.id,
    managed: null,
    identifier: token.identifier,
    intent: 'api',
    user: owner.number,
    user_obj: renderOwner(owner, token.isSuperuser),
    description: token.description,
    expires: timeText(expiresAt),
    expiring: expiresAt !== null,
    is_superuser: token.isSuperuser,
    permissions: token.grants.map(formatGrant),
    reach: token.reach.map(formatReach),
    created: timeText(token.createdAt),
    last_used: timeText(token.lastUsedAt),
    revoked: timeText(token.revokedAt),
  };
}

/** A principal as authentik's clients want a user, most of which there is not here. */
function renderOwner({ id, number, username, createdAt }: TokenOwner, isSuperuser: boolean) {
  const created = timeText(createdAt);
  return {
    pk: number,
    username,
    name: username,
    is_active: true,
    last_login: null,
    date_joined: created,
    is_superuser: isSuperuser,
    groups: [],
    groups_obj: [],
    roles: [],
    roles_obj: [],
    avatar: '',
    attributes: {},
    uid: id.replaceAll('-', ''),
    path: 'users',
    type: 'service_account',
    uuid: id,
    password_change_date: created,
    last_updated: created,
  };
}

/** As Django REST framework writes times: microseconds where there are any. */
function timeText(time: Date | null): string | null {
  return (
    time
      ?.toISOString()
      .replace(/\.000Z$/, 'Z')
      .replace(/(\.\d{3})Z$/, '$1000Z') ?? null
  );
}
