import { z } from 'zod';
import { COMMON_ROLES, type CommonRoleName, PERMISSIONS, REALMS } from '../../../access/index.ts';
import { secretField } from '../../../http/index.ts';
import { charField, choiceField } from '../fields.ts';
import { certificateKeyPairList, listParameters, pagination } from '../schemas.ts';
import {
  booleanField,
  boundedCharField,
  grantsField,
  instantField,
  principalField,
  reachField,
  slugField,
} from './fields.ts';

/** The bodies and parameters of the operations on tokens, as authentik describes them, and what we add. */

const readOnly = { readOnly: true };
const dateTime = () => z.string().meta({ ...readOnly, format: 'date-time' });
const uuid = () => z.string().meta({ ...readOnly, format: 'uuid' });

/** authentik's; tokens here are of one of them, `api`. */
export const INTENTS = ['verification', 'api', 'recovery', 'app_password'] as const;
const intent = z.enum(INTENTS).meta({ id: 'IntentEnum' });

const partialGroup = z
  .object({
    pk: uuid(),
    num_pk: z.number().meta({ ...readOnly, type: 'integer' }),
    name: z.string(),
    is_superuser: z.boolean().optional(),
    attributes: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'PartialGroup' });
const role = z.object({ pk: uuid(), name: z.string() }).meta({ id: 'Role' });

/** A principal. Groups and roles there are none: rights are the tokens'. */
const user = z
  .object({
    pk: z.number().meta({ ...readOnly, type: 'integer', title: 'ID' }),
    username: z.string().meta({ maxLength: 150 }),
    name: z.string(),
    is_active: z.boolean().optional(),
    last_login: z.string().nullable().optional().meta({ format: 'date-time' }),
    date_joined: dateTime(),
    is_superuser: z.boolean().meta({ ...readOnly, description: 'Whether this token has every right' }),
    groups: z.array(z.string().meta({ format: 'uuid' })).optional(),
    groups_obj: z.array(partialGroup).nullable().meta(readOnly),
    roles: z.array(z.string().meta({ format: 'uuid' })).optional(),
    roles_obj: z.array(role).nullable().meta(readOnly),
    email: z.string().optional().meta({ format: 'email', maxLength: 254 }),
    avatar: z.string().meta(readOnly),
    attributes: z.record(z.string(), z.unknown()).optional(),
    uid: z.string().meta(readOnly),
    path: z.string().optional(),
    type: z
      .enum(['internal', 'external', 'service_account', 'internal_service_account'])
      .meta({ id: 'UserTypeEnum' })
      .optional(),
    uuid: uuid(),
    password_change_date: dateTime(),
    last_updated: dateTime(),
  })
  .meta({ id: 'User' });

const TEXTS = {
  managed: 'Always null: no token is managed automatically.',
  expires: 'Null for a token that never expires.',
  permissions: `What it may do: ${PERMISSIONS.join(', ')}; those on pairs also on a single one, with @ and its UUID behind.`,
  reach: `Where it is let in: ${REALMS.join(', ')}, with :SCOPE behind or without.`,
} as const;

const tokenFields = {
  pk: uuid(),
  managed: z.string().nullable().optional().meta({ description: TEXTS.managed }),
  identifier: z.string().meta({ maxLength: 255, pattern: '^[-a-zA-Z0-9_]+$' }),
  intent: intent.optional(),
  user: z.number().optional().meta({ type: 'integer', description: 'The number of its principal' }),
  user_obj: user.meta(readOnly),
  description: z.string().optional(),
  expires: z.string().nullable().optional().meta({ format: 'date-time', description: TEXTS.expires }),
  expiring: z.boolean().optional(),
  is_superuser: z.boolean().meta({ description: 'Has every right, within its reach' }),
  permissions: z.array(z.string()).meta({ description: TEXTS.permissions }),
  reach: z.array(z.string()).meta({ description: TEXTS.reach }),
  created: dateTime(),
  last_used: z
    .string()
    .nullable()
    .meta({ ...readOnly, format: 'date-time', description: 'A minute or so behind' }),
  revoked: z
    .string()
    .nullable()
    .meta({ ...readOnly, format: 'date-time', description: 'Null here: a revoked token is not shown' }),
};

export const token = z.object(tokenFields).meta({ id: 'Token' });
export const issuedToken = z
  .object({
    ...tokenFields,
    key: secretField(z.string().meta({ ...readOnly, description: 'What a client sends. Shown this once.' })),
  })
  .meta({ id: 'IssuedToken' });
export const tokenList = z
  .object({
    pagination,
    results: z.array(token),
    autocomplete: certificateKeyPairList.shape.autocomplete,
  })
  .meta({ id: 'PaginatedTokenList' });

const requestFields = {
  managed: z
    .unknown()
    .optional()
    .meta({ type: 'string', nullable: true, minLength: 1, description: 'Ignored: no token is managed automatically.' }),
  identifier: slugField(255),
  intent: choiceField(['api'], { description: 'There are no others here.' }).optional(),
  user: principalField({
    description: 'The number of a principal; the caller without it. Others than the caller only for superusers.',
  }).optional(),
  username: boundedCharField(150, {
    description: 'In place of user: the name of a principal, which is made where there is none.',
  }).optional(),
  description: charField({ allowBlank: true }).optional(),
  expires: instantField({ description: `${TEXTS.expires} Absent, a new token ends after 24 hours.` }).optional(),
  expiring: booleanField({ description: 'False for a token that never expires, whatever expires says.' }).optional(),
  is_superuser: booleanField().optional(),
  role: choiceField(Object.keys(COMMON_ROLES) as CommonRoleName[], {
    description: 'A preset of permissions, to which those in permissions are added.',
  }).optional(),
  permissions: grantsField({ description: `${TEXTS.permissions} None without it.` }).optional(),
  reach: reachField({ description: `${TEXTS.reach} authentik without it.` }).optional(),
};

/** The body of POST and PUT. */
export const tokenRequest = z.object(requestFields).meta({ id: 'TokenRequest' });
/** The body of PATCH: what is absent stays. */
export const patchedTokenRequest = z
  .object({ ...requestFields, identifier: requestFields.identifier.optional() })
  .meta({ id: 'PatchedTokenRequest' });

export type TokenRequestSchema = typeof tokenRequest | typeof patchedTokenRequest;

export const identifierParameter = z.object({ identifier: z.string() });

export const tokenFilters = z.object({
  description: z.string().optional(),
  expires: z.string().optional().meta({ format: 'date-time' }),
  expiring: z.boolean().optional(),
  identifier: z.string().optional(),
  intent: intent.optional(),
  managed: z.string().optional(),
  search: listParameters.shape.search,
  user__username: z.string().optional(),
});

export const tokenListParameters = tokenFilters.extend({
  ordering: listParameters.shape.ordering,
  page: listParameters.shape.page,
  page_size: listParameters.shape.page_size,
});
