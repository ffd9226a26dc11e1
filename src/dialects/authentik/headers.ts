import type { FastifyRequest } from 'fastify';

/** What the original sends with every answer (contract §1.8). There is one language here, so that none is chosen. */
const CONSTANT = {
  'x-powered-by': 'authentik',
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  vary: 'Accept-Language',
  'content-language': 'en',
} as const;

/** The headers of every answer, with the id under which the log knows the request. */
export function originalHeaders({ id }: FastifyRequest): Readonly<Record<string, string>> {
  return { ...CONSTANT, 'x-authentik-id': id };
}
