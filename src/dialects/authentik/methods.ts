import type { FastifyInstance, HTTPMethods } from 'fastify';
import type { Operation } from '../../access/index.ts';
import { methodNotAllowed } from './errors.ts';
import { ALLOW, PAIR, PAIRS } from './route.ts';

type Rest = 'list' | 'generate' | 'detail' | 'view_certificate' | 'view_private_key' | 'used_by';

interface Path {
  /** Of its lines in the table of rights. */
  readonly rights: Rest;
  readonly url: string;
  readonly allow: string;
  /** The `name` of the answer to OPTIONS. */
  readonly name: string;
  readonly hidesAuthentication?: true;
}

const PATHS: readonly Path[] = [
  { rights: 'list', url: PAIRS, allow: ALLOW.list, name: 'Certificate Key Pair List' },
  { rights: 'generate', url: `${PAIRS}generate/`, allow: ALLOW.generate, name: 'Generate' },
  {
    rights: 'detail',
    url: PAIR,
    allow: ALLOW.detail,
    name: 'Certificate Key Pair Instance',
    hidesAuthentication: true,
  },
  { rights: 'view_certificate', url: `${PAIR}view_certificate/`, allow: ALLOW.view, name: 'View certificate' },
  { rights: 'view_private_key', url: `${PAIR}view_private_key/`, allow: ALLOW.view, name: 'View private key' },
  { rights: 'used_by', url: `${PAIR}used_by/`, allow: ALLOW.view, name: 'Used by', hidesAuthentication: true },
];

/**
 * On every path: OPTIONS, and 405 for the methods that it does not have. Registered for each method, because `/generate/` would
 * otherwise be taken for an id by the methods of the detail route.
 */
export function otherMethods(app: FastifyInstance): void {
  for (const { rights, url, name, ...config } of PATHS) {
    const allowed = config.allow.split(', ');
    const operation = (what: 'options' | 'other_method'): Operation =>
      `authentik.certificatekeypairs.${rights}.${what}`;
    app.options(url, {
      schema: { hide: true },
      config: { operation: operation('options'), authentik: config },
      handler: () => ({
        name,
        description: 'CertificateKeyPair Viewset',
        renders: ['application/json'],
        parses: ['application/json'],
      }),
    });
    app.route({
      method: app.supportedMethods.filter((method) => !allowed.includes(method)) as HTTPMethods[],
      url,
      schema: { hide: true },
      config: { operation: operation('other_method'), authentik: config },
      handler: (request) => {
        throw methodNotAllowed(request.method);
      },
    });
  }
}
