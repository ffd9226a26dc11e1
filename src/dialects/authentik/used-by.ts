import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { answer } from '../../http/index.ts';
import { pairOf } from './find-pair.ts';
import { ANSWERS, PAIR } from './route.ts';
import { pkParameter, readErrors, usedBy } from './schemas.ts';

/** Nothing in this realm refers to a keypair, so that the list is empty for each that exists. Filters don't act here. */
export function listUsedBy(app: FastifyInstance): void {
  app.get(`${PAIR}used_by/`, {
    schema: {
      tags: ['crypto'],
      operationId: 'crypto_certificatekeypairs_used_by_list',
      description: 'Lists what uses this certificate-key pair.',
      params: pkParameter,
      response: { 200: answer('What uses the pair', z.array(usedBy)), ...readErrors },
    },
    config: {
      operation: 'authentik.certificatekeypairs.used_by',
      authentik: ANSWERS.usedBy,
    },
    async handler(request) {
      pairOf(request);
      return [];
    },
  });
}
