import type { FastifyInstance } from 'fastify';
import { actorOf, answer, departureSignal } from '../../http/index.ts';
import { type DecisionServices, stillMayHere } from './decide-again.ts';
import { pairOf } from './find-pair.ts';
import { readKeypairFields } from './input.ts';
import { Query, wantsDetails } from './query.ts';
import { renderKeypair } from './render.ts';
import { ANSWERS, PAIR, PLACEMENT, type Services } from './route.ts';
import {
  certificateKeyPair,
  detailParameters,
  type KeypairSchema,
  keypairRequest,
  patchedKeypairRequest,
  pkParameter,
  writeErrors,
} from './schemas.ts';

/** PUT needs name and certificate, and keeps a private key that it does not mention. */
export function update(app: FastifyInstance, services: Services & DecisionServices): void {
  change(app, services, {
    method: 'PUT',
    body: keypairRequest,
    operationId: 'crypto_certificatekeypairs_update',
    operation: 'authentik.certificatekeypairs.update',
    description: 'Replaces name and certificate. A private key that is not mentioned stays; a blank one removes it.',
  });
}

/** PATCH changes what it mentions. */
export function partialUpdate(app: FastifyInstance, services: Services & DecisionServices): void {
  change(app, services, {
    method: 'PATCH',
    body: patchedKeypairRequest,
    operationId: 'crypto_certificatekeypairs_partial_update',
    operation: 'authentik.certificatekeypairs.partial_update',
    description: 'Changes what the body mentions.',
  });
}

interface Change {
  readonly method: 'PUT' | 'PATCH';
  readonly body: KeypairSchema;
  readonly operationId: string;
  readonly operation: 'authentik.certificatekeypairs.update' | 'authentik.certificatekeypairs.partial_update';
  readonly description: string;
}

function change(
  app: FastifyInstance,
  services: Services & DecisionServices,
  { method, body, operation, ...documented }: Change,
): void {
  const { keypairs } = services;
  app.route({
    method,
    url: PAIR,
    schema: {
      tags: ['crypto'],
      ...documented,
      params: pkParameter,
      querystring: detailParameters,
      body,
      response: { 200: answer('The pair as it is now', certificateKeyPair), ...writeErrors },
    },
    config: { operation, authentik: ANSWERS.detail },
    async handler(request, reply) {
      const { id } = pairOf(request);
      const draft = await readKeypairFields(request, keypairs, body, id);
      const changed = await keypairs.update(actorOf(request), PLACEMENT, id, draft, {
        departure: () => departureSignal(reply),
        stillMay: () => stillMayHere(request, services),
      });
      return renderKeypair(changed, wantsDetails(new Query(request)));
    },
  });
}
