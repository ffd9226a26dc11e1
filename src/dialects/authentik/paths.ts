import type { FastifyContextConfig } from 'fastify';
import type { Operation } from '../../access/index.ts';
import { ALLOW, PAIR, PAIRS, ROOT_CONFIG, SCHEMA, SCHEMA_TYPES } from './route.ts';

type WithOptions = Extract<Operation, `${string}.options`>;
type PathRights = WithOptions extends `${infer Path}.options` ? Path : never;

/** A path of this API, for what is the same on all of them: OPTIONS, and the methods that there are not. */
export interface Path {
  /** Where its lines in the table of rights begin. */
  readonly rights: PathRights;
  readonly url: string;
  readonly answers: NonNullable<FastifyContextConfig['authentik']>;
  /** What OPTIONS says of it. */
  readonly name: string;
  readonly description: string;
  readonly operationId: string;
}

export const PATHS: readonly Path[] = [
  {
    rights: 'authentik.certificatekeypairs.list',
    url: PAIRS,
    answers: { allow: ALLOW.list },
    name: 'Certificate Key Pair List',
    description: 'CertificateKeyPair Viewset',
    operationId: 'crypto_certificatekeypairs_list_metadata',
  },
  {
    rights: 'authentik.certificatekeypairs.generate',
    url: `${PAIRS}generate/`,
    answers: { allow: ALLOW.generate },
    name: 'Generate',
    description: 'Generate a new, self-signed certificate-key pair',
    operationId: 'crypto_certificatekeypairs_generate_metadata',
  },
  {
    rights: 'authentik.certificatekeypairs.detail',
    url: PAIR,
    answers: { allow: ALLOW.detail, hidesAuthentication: true },
    name: 'Certificate Key Pair Instance',
    description: 'CertificateKeyPair Viewset',
    operationId: 'crypto_certificatekeypairs_metadata',
  },
  {
    rights: 'authentik.certificatekeypairs.view_certificate',
    url: `${PAIR}view_certificate/`,
    answers: { allow: ALLOW.view },
    name: 'View certificate',
    description: 'Return certificate-key pairs certificate and log access',
    operationId: 'crypto_certificatekeypairs_view_certificate_metadata',
  },
  {
    rights: 'authentik.certificatekeypairs.view_private_key',
    url: `${PAIR}view_private_key/`,
    answers: { allow: ALLOW.view },
    name: 'View private key',
    description: 'Return certificate-key pairs private key and log access',
    operationId: 'crypto_certificatekeypairs_view_private_key_metadata',
  },
  {
    rights: 'authentik.certificatekeypairs.used_by',
    url: `${PAIR}used_by/`,
    answers: { allow: ALLOW.view, hidesAuthentication: true },
    name: 'Used by',
    description: 'Get a list of all objects that use this object',
    operationId: 'crypto_certificatekeypairs_used_by_metadata',
  },
  {
    rights: 'authentik.root.config',
    url: ROOT_CONFIG,
    answers: { allow: ALLOW.view },
    name: 'Config',
    description: 'Public configuration that clients ask for first.',
    operationId: 'root_config_metadata',
  },
  {
    rights: 'authentik.schema',
    url: SCHEMA,
    answers: { allow: ALLOW.view, renders: SCHEMA_TYPES },
    name: 'Spectacular API',
    description: 'The description of this API.',
    operationId: 'schema_metadata',
  },
];
