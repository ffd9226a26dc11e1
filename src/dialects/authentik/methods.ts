import type { FastifyInstance, HTTPMethods } from 'fastify';
import { methodNotAllowed } from './errors.ts';
import { ALLOW, PAIRS } from './route.ts';

interface Path {
  readonly url: string;
  readonly allow: string;
  /** The `name` of the answer to OPTIONS. */
  readonly name: string;
  readonly hidesAuthentication?: true;
}

const PATHS: readonly Path[] = [
  { url: PAIRS, allow: ALLOW.list, name: 'Certificate Key Pair List' },
  { url: `${PAIRS}generate/`, allow: ALLOW.generate, name: 'Generate' },
  { url: `${PAIRS}:uuid/`, allow: ALLOW.detail, name: 'Certificate Key Pair Instance', hidesAuthentication: true },
  { url: `${PAIRS}:uuid/view_certificate/`, allow: ALLOW.view, name: 'View certificate' },
  { url: `${PAIRS}:uuid/view_private_key/`, allow: ALLOW.view, name: 'View private key' },
  { url: `${PAIRS}:uuid/used_by/`, allow: ALLOW.view, name: 'Used by', hidesAuthentication: true },
];

/**
 * On every path: OPTIONS, and 405 for the methods that it does not have. Registered for each method, because `/generate/` would
 * otherwise be taken for an id by the methods of the detail route.
 */
export function otherMethods(app: FastifyInstance): void {
  for (const { url, allow, name, ...config } of PATHS) {
    const allowed = allow.split(', ');
    app.options(url, {
      schema: { hide: true },
      config: { operation: 'authentik.certificatekeypairs.options', allow, ...config },
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
      config: { operation: 'authentik.certificatekeypairs.method_not_allowed', allow, ...config },
      handler: (request) => {
        throw methodNotAllowed(request.method);
      },
    });
  }
}
