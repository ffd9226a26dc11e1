import type { FastifyInstance } from 'fastify';
import { answer } from '../../http/index.ts';
import { pairOf } from './find-pair.ts';
import { Query, wantsDetails } from './query.ts';
import { renderKeypair } from './render.ts';
import { ANSWERS, PAIR } from './route.ts';
import { certificateKeyPair, detailParameters, pkParameter, readErrors } from './schemas.ts';

/** GET `{kp_uuid}/`: one pair, where it passes the filters of the query too (contract §1.1, §1.2). */
export function retrieve(app: FastifyInstance): void {
  app.get(PAIR, {
    schema: {
      tags: ['crypto'],
      operationId: 'crypto_certificatekeypairs_retrieve',
      description: 'Shows one certificate-key pair. The private key stays sealed.',
      params: pkParameter,
      querystring: detailParameters,
      response: { 200: answer('The pair', certificateKeyPair), ...readErrors },
    },
    config: {
      operation: 'authentik.certificatekeypairs.retrieve',
      authentik: ANSWERS.detail,
    },
    async handler(request) {
      return renderKeypair(pairOf(request), wantsDetails(new Query(request)));
    },
  });
}
