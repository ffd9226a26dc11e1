import type { FastifyInstance } from 'fastify';
import { actorOf, answer, departureSignal } from '../../http/index.ts';
import { type DecisionServices, stillMayHere } from './decide-again.ts';
import { readKeypair } from './input.ts';
import { Query, wantsDetails } from './query.ts';
import { renderKeypair } from './render.ts';
import { ANSWERS, PAIRS, PLACEMENT, type Services } from './route.ts';
import { certificateKeyPair, detailsParameter, keypairRequest, writeErrors } from './schemas.ts';

/** POST: stores a pair (contract §1.2). */
export function create(app: FastifyInstance, services: Services & DecisionServices): void {
  const { keypairs } = services;
  app.post(PAIRS, {
    schema: {
      tags: ['crypto'],
      operationId: 'crypto_certificatekeypairs_create',
      description: 'Stores a certificate, with or without its private key.',
      querystring: detailsParameter,
      body: keypairRequest,
      response: { 201: answer('The stored pair', certificateKeyPair), ...writeErrors },
    },
    config: { operation: 'authentik.certificatekeypairs.create', authentik: ANSWERS.list },
    async handler(request, reply) {
      const draft = await readKeypair(request, keypairs);
      const created = await keypairs.create(actorOf(request), PLACEMENT, draft, {
        departure: () => departureSignal(reply),
        stillMay: () => stillMayHere(request, services),
      });
      return reply.code(201).send(renderKeypair(created, wantsDetails(new Query(request))));
    },
  });
}
