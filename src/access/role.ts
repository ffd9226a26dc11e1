import { PERMISSIONS, type Permission } from './permission.ts';
import type { RealmName } from './reach.ts';

/** What a role stands for: a preset, resolved when a token is made. */
export interface Role {
  readonly isSuperuser: boolean;
  readonly permissions: readonly Permission[];
  /** The realm whose API has this role: a token of it reaches nothing outside. Undefined for the roles that are ours. */
  readonly realm?: RealmName;
}

/**
 * The presets of every realm. A reader sees pairs and their certificates; an operator does all that can be done with pairs, their keys
 * included; an administrator holds every right, tokens and events too.
 */
export const COMMON_ROLES = {
  reader: { isSuperuser: false, permissions: ['view_certificatekeypair', 'view_certificatekeypair_certificate'] },
  operator: { isSuperuser: false, permissions: PERMISSIONS.filter((name) => name.includes('_certificatekeypair')) },
  administrator: { isSuperuser: true, permissions: [] },
} as const satisfies Record<string, Role>;

const SEES = { ...COMMON_ROLES.reader, realm: 'astra' } as const;
const WRITES = {
  ...SEES,
  permissions: [
    ...SEES.permissions,
    'add_certificatekeypair',
    'change_certificatekeypair',
    'delete_certificatekeypair',
  ],
} as const;

/** Astra's (contract §1), which does not say whose it is to write certificates: these are trusted by a whole account. */
const ASTRA_ROLES = { viewer: SEES, member: SEES, admin: WRITES, owner: WRITES } as const satisfies Record<
  string,
  Role
>;

export const ROLES = { ...COMMON_ROLES, ...ASTRA_ROLES } as const;

export type CommonRoleName = keyof typeof COMMON_ROLES;
export type RoleName = keyof typeof ROLES;
