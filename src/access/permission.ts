/**
 * What a token can be let do, in authentik's words (contract §2); held on everything that the token reaches, or on single keypairs.
 * `view_…` makes visible and comes before all else: who can't see a pair can't change it either.
 */
export const PERMISSIONS = [
  'view_certificatekeypair',
  'add_certificatekeypair',
  'change_certificatekeypair',
  'delete_certificatekeypair',
  'view_certificatekeypair_certificate',
  'view_certificatekeypair_key',
  'view_event',
  'view_token',
  'add_token',
  'change_token',
  'delete_token',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** authentik writes a permission with the app that it belongs to; both ways are read. */
const APPS = { certificatekeypair: 'authentik_crypto', event: 'authentik_events', token: 'authentik_core' } as const;

/** A permission, on everything or on one keypair. */
export interface Grant {
  readonly permission: Permission;
  /** Its UUID, lower case and dashed; undefined for everything within reach. */
  readonly keypairId?: string;
}

/** A text that names no permission, or no keypair where it should. */
export class NotAGrant extends Error {
  override readonly name = 'NotAGrant';
  readonly code = 'NOT_A_GRANT';
}

const GRANT = /^(?:(\w+)\.)?(\w+)(?:@(.*))?$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/;

/**
 * Reads a grant.
 *
 * @param text `view_certificatekeypair`, with its app (`authentik_crypto.view_certificatekeypair`) or without; `@` and the UUID of a
 * keypair behind it hold it to that one
 * @throws {NotAGrant} saying what is wrong
 */
export function parseGrant(text: string): Grant {
  const [, app, name = '', target] = GRANT.exec(text) ?? [];
  const permission = PERMISSIONS.find((known) => known === name);
  if (permission === undefined || (app !== undefined && app !== appOf(permission))) {
    throw new NotAGrant(`there is no such permission; there are ${PERMISSIONS.join(', ')}`);
  }
  if (target === undefined) {
    return { permission };
  }
  const id = target.toLowerCase();
  if (appOf(permission) !== APPS.certificatekeypair) {
    throw new NotAGrant(`${permission} can't be held on a keypair`);
  }
  if (!UUID.test(id)) {
    throw new NotAGrant(`what stands behind the @ of ${permission} is no UUID`);
  }
  const digits = id.replaceAll('-', '');
  const groups = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ];
  return { permission, keypairId: groups.join('-') };
}

/** A grant as {@link parseGrant} reads it. */
export function formatGrant({ permission, keypairId }: Grant): string {
  return keypairId === undefined ? permission : `${permission}@${keypairId}`;
}

function appOf(permission: Permission): string {
  const model = permission.includes('_certificatekeypair') ? 'certificatekeypair' : permission.split('_')[1];
  return APPS[model as keyof typeof APPS];
}
