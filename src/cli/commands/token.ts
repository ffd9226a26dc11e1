import { randomUUID } from 'node:crypto';
import {
  NotAGrant,
  NotAReach,
  parseGrant,
  parseReach,
  REALMS,
  ROLES,
  type RoleName,
  type TokenRights,
} from '../../access/index.ts';
import { type Commands, UsageError } from './command.ts';
import { readOptions } from './options.ts';
import { withStore } from './store.ts';

export const tokenCommands: Commands = {
  'token create': {
    usage: `token create --username NAME [--superuser] [--role ROLE] [--permission PERMISSION[@PK]]… [--realm REALM[:SCOPE]]…
                      [--identifier NAME] [--description TEXT]
      Makes an API token and prints it, once. It may do what it is given and nothing else; --superuser gives every right.`,
    async run(parameters) {
      const { values } = readOptions(parameters, {
        username: { type: 'string' },
        superuser: { type: 'boolean', default: false },
        role: { type: 'string' },
        permission: { type: 'string', multiple: true, default: [] },
        realm: { type: 'string', multiple: true },
        identifier: { type: 'string', default: randomUUID() },
        description: { type: 'string', default: '' },
      });
      const { username, identifier, description } = values;
      if (username === undefined || username === '') {
        throw new UsageError('--username is missing');
      }
      const wanted = { username, identifier, description, expiresAt: null, ...rightsOf(values) };
      const token = await withStore(({ tokens }) => tokens.create(wanted));
      process.stdout.write(`${token}\n`);
      return 0;
    },
  },
};

interface RightsOptions {
  readonly superuser: boolean;
  readonly role?: string | undefined;
  readonly permission: readonly string[];
  readonly realm?: readonly string[] | undefined;
}

/** Without a realm, whoever holds every right is let in everywhere, all others where the permissions come from. */
function rightsOf({ superuser, role, permission, realm }: RightsOptions): TokenRights {
  const preset = role === undefined ? undefined : ROLES[role as RoleName];
  if (role !== undefined && !Object.hasOwn(ROLES, role)) {
    throw new UsageError(`there is no role ${role}; there are ${Object.keys(ROLES).join(', ')}`);
  }
  const isSuperuser = superuser || preset?.isSuperuser === true;
  try {
    return {
      isSuperuser,
      grants: [...(preset?.permissions ?? []).map((each) => ({ permission: each })), ...permission.map(parseGrant)],
      reach: (realm ?? (isSuperuser ? REALMS : ['authentik'])).map(parseReach),
    };
  } catch (error) {
    throw error instanceof NotAGrant || error instanceof NotAReach ? new UsageError(error.message) : error;
  }
}
