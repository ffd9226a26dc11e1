import type { FastifyContextConfig } from 'fastify';
import type { Operation } from '../../access/index.ts';
import { ANSWERS, EVENT, EVENTS, PAIR, PAIRS, ROOT_CONFIG, SCHEMA } from './route.ts';
import { TOKEN, TOKENS } from './tokens/route.ts';

type WithOptions = Extract<Operation, `${string}.options`>;
export type PathName = WithOptions extends `${infer Name}.options` ? Name : never;

/** A path of this API, for what is the same on all of them: OPTIONS, and the methods that there are not. */
export interface Path {
  /** With which its operations in the table of rights begin. */
  readonly path: PathName;
  readonly url: string;
  readonly answers: NonNullable<FastifyContextConfig['authentik']>;
  /** What OPTIONS says of it. */
  readonly name: string;
  readonly description: string;
  readonly operationId: string;
  readonly tag: 'core' | 'crypto' | 'events' | 'root';
}

export const PATHS: readonly Path[] = [
  {
    path: 'authentik.certificatekeypairs.list',
    url: PAIRS,
    answers: ANSWERS.list,
    name: 'Certificate Key Pair List',
    description: 'CertificateKeyPair Viewset',
    operationId: 'crypto_certificatekeypairs_list_metadata',
    tag: 'crypto',
  },
  {
    path: 'authentik.certificatekeypairs.generate',
    url: `${PAIRS}generate/`,
    answers: ANSWERS.generate,
    name: 'Generate',
    description: 'Generate a new, self-signed certificate-key pair',
    operationId: 'crypto_certificatekeypairs_generate_metadata',
    tag: 'crypto',
  },
  {
    path: 'authentik.certificatekeypairs.detail',
    url: PAIR,
    answers: ANSWERS.detail,
    name: 'Certificate Key Pair Instance',
    description: 'CertificateKeyPair Viewset',
    operationId: 'crypto_certificatekeypairs_metadata',
    tag: 'crypto',
  },
  {
    path: 'authentik.certificatekeypairs.view_certificate',
    url: `${PAIR}view_certificate/`,
    answers: ANSWERS.view,
    name: 'View certificate',
    description: 'Return certificate-key pairs certificate and log access',
    operationId: 'crypto_certificatekeypairs_view_certificate_metadata',
    tag: 'crypto',
  },
  {
    path: 'authentik.certificatekeypairs.view_private_key',
    url: `${PAIR}view_private_key/`,
    answers: ANSWERS.view,
    name: 'View private key',
    description: 'Return certificate-key pairs private key and log access',
    operationId: 'crypto_certificatekeypairs_view_private_key_metadata',
    tag: 'crypto',
  },
  {
    path: 'authentik.certificatekeypairs.used_by',
    url: `${PAIR}used_by/`,
    answers: ANSWERS.usedBy,
    name: 'Used by',
    description: 'Get a list of all objects that use this object',
    operationId: 'crypto_certificatekeypairs_used_by_metadata',
    tag: 'crypto',
  },
  {
    path: 'authentik.events.list',
    url: EVENTS,
    answers: ANSWERS.events,
    name: 'Event List',
    description: 'Event Read-Only Viewset',
    operationId: 'events_events_list_metadata',
    tag: 'events',
  },
  {
    path: 'authentik.events.detail',
    url: EVENT,
    answers: ANSWERS.event,
    name: 'Event Instance',
    description: 'Event Read-Only Viewset',
    operationId: 'events_events_metadata',
    tag: 'events',
  },
  {
    path: 'authentik.core.tokens.list',
    url: TOKENS,
    answers: ANSWERS.list,
    name: 'Token List',
    description: 'Token Viewset',
    operationId: 'core_tokens_list_metadata',
    tag: 'core',
  },
  {
    path: 'authentik.core.tokens.detail',
    url: TOKEN,
    answers: ANSWERS.detail,
    name: 'Token Instance',
    description: 'Token Viewset',
    operationId: 'core_tokens_metadata',
    tag: 'core',
  },
  {
    path: 'authentik.root.config',
    url: ROOT_CONFIG,
    answers: ANSWERS.rootConfig,
    name: 'Config',
    description: 'Public configuration that clients ask for first.',
    operationId: 'root_config_metadata',
    tag: 'root',
  },
  {
    path: 'authentik.schema',
    url: SCHEMA,
    answers: ANSWERS.schema,
    name: 'Spectacular API',
    description: 'The description of this API.',
    operationId: 'schema_metadata',
    tag: 'root',
  },
];
