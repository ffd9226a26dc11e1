import type { FastifyInstance } from 'fastify';

/**
 * What every answer carries, unless a route says it otherwise: nothing that we send is to be run, framed, guessed at or kept. Each
 * answer depends on who asks, and many hold a secret, so that no cache may store one (RFC 9111 §5.2.2.5). The names and values are
 * those of OWASP's REST Security Cheat Sheet.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Of the page to browse the API: it runs its own scripts, and talks to nobody but us. */
export const DOCS_CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const A_YEAR = 31_536_000;

/**
 * Tells browsers to come by TLS only (RFC 6797), where they did: a declared proxy says so in X-Forwarded-Proto. Over plain HTTP the
 * header must not be sent (§7.2).
 */
export function sendStrictTransportSecurity(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.protocol === 'https') {
      reply.header('strict-transport-security', `max-age=${A_YEAR}`);
    }
    done();
  });
}
