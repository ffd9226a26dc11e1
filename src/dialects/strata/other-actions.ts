import type { FastifyInstance, FastifyRequest } from 'fastify';
import { methodNotSupported, notPresent, Refusal } from './errors.ts';
import { type Base, CERTIFICATES } from './route.ts';

/** What an action is on: all certificates together, or the one that the path names. */
type Target = 'certificates' | 'certificate';

/** The actions that there are, which are routes of their own (contract §2). */
const TARGETS: Readonly<Record<string, Target>> = { import: 'certificates', export: 'certificate' };

/** Whatever else a path says behind a colon, and by another method than POST (contract §9); and paths below a certificate, of which there are none. */
export function otherActions(app: FastifyInstance, base: Base): void {
  const others = { schema: { hide: true }, config: { operation: 'strata.certificates.other_action' } } as const;
  app.all(`${base.prefix}${CERTIFICATES}::*`, {
    ...others,
    exposeHeadRoute: false,
    handler: (request) => {
      throw refusalOf(request.method, restOf(request), 'certificates');
    },
  });
  app.all(`${base.prefix}${CERTIFICATES}/*`, {
    ...others,
    exposeHeadRoute: false,
    handler: (request) => {
      const [, action] = /^[^/:]+:(.*)$/s.exec(restOf(request)) ?? [];
      throw action === undefined ? notPresent() : refusalOf(request.method, action, 'certificate');
    },
  });
}

function refusalOf(method: string, action: string, target: Target): Refusal {
  if (action.includes('/')) {
    return notPresent();
  }
  if (!/^[\w-]{1,64}$/.test(action)) {
    return new Refusal('Malformed Command', ['what stands behind the colon is no action']);
  }
  const meant = Object.hasOwn(TARGETS, action) ? TARGETS[action] : undefined;
  if (meant === undefined) {
    const known = Object.keys(TARGETS).join(' and ');
    return new Refusal('Action Not Supported', [`there are ${known}`], { about: action });
  }
  if (meant !== target) {
    const words = meant === 'certificate' ? 'one certificate, whose id' : 'all certificates: no id';
    return new Refusal('Invalid Command', [`${action} is on ${words} stands before the colon`]);
  }
  return methodNotSupported(method, 'POST');
}

function restOf({ params }: FastifyRequest): string {
  return (params as { '*': string })['*'];
}
