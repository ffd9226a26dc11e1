import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isAllowedOn } from '../../access/index.ts';
import type { Actor } from '../../audit/index.ts';
import { actorOf, answer } from '../../http/index.ts';
import type { Keypair } from '../../keypairs/index.ts';
import { attachment } from './download.ts';
import { pairOf } from './find-pair.ts';
import { Query } from './query.ts';
import { ANSWERS, PAIR, PLACEMENT, type Services } from './route.ts';
import { certificateData, pkParameter, readErrors, viewParameters } from './schemas.ts';

/** GET `{kp_uuid}/view_certificate/`: the stored certificate, as JSON or as a file (contract §1.6). */
export function viewCertificate(app: FastifyInstance, services: Services): void {
  view(app, {
    url: `${PAIR}view_certificate/`,
    suffix: 'certificate',
    operationId: 'crypto_certificatekeypairs_view_certificate_retrieve',
    operation: 'authentik.certificatekeypairs.view_certificate',
    description: 'Returns the certificate exactly as it was stored.',
    text: (actor, { id }, { caller }) => {
      const mayViewKey = isAllowedOn(caller, 'authentik.certificatekeypairs.view_private_key', id);
      return services.keypairs.certificateText(actor, PLACEMENT, id, mayViewKey);
    },
  });
}

/** GET `{kp_uuid}/view_private_key/`: the stored private key, as JSON or as a file; empty without one (contract §1.6). */
export function viewPrivateKey(app: FastifyInstance, services: Services): void {
  view(app, {
    url: `${PAIR}view_private_key/`,
    suffix: 'private_key',
    operationId: 'crypto_certificatekeypairs_view_private_key_retrieve',
    operation: 'authentik.certificatekeypairs.view_private_key',
    description: 'Returns the private key exactly as it was stored; empty without one.',
    text: async (actor, { id }) => (await services.keypairs.privateKeyText(actor, PLACEMENT, id)) ?? '',
  });
}

interface View {
  readonly url: string;
  readonly suffix: 'certificate' | 'private_key';
  readonly operationId: string;
  readonly operation:
    | 'authentik.certificatekeypairs.view_certificate'
    | 'authentik.certificatekeypairs.view_private_key';
  readonly description: string;
  text(actor: Actor, keypair: Keypair, request: FastifyRequest): Promise<string>;
}

function view(app: FastifyInstance, { url, suffix, operation, text, ...documented }: View): void {
  app.get(url, {
    schema: {
      tags: ['crypto'],
      ...documented,
      params: pkParameter,
      querystring: viewParameters,
      response: {
        200: answer('The stored text', certificateData, { 'application/x-pem-file': { schema: z.string() } }),
        ...readErrors,
      },
    },
    config: { operation, authentik: ANSWERS.view },
    async handler(request, reply) {
      const keypair = pairOf(request);
      if (!new Query(request).has('download')) {
        return { data: await text(actorOf(request), keypair, request) };
      }
      const disposition = attachment(keypair.name, suffix);
      return (
        reply
          .header('content-type', 'application/x-pem-file')
          .header('content-disposition', disposition)
          // As bytes: Node writes headers beside a body that is a string in that body's encoding, and these are Latin-1.
          .send(Buffer.from(await text(actorOf(request), keypair, request), 'utf8'))
      );
    },
  });
}
