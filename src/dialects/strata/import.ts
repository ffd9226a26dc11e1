import type { FastifyInstance } from 'fastify';
import { actorOf, answer, departureSignal } from '../../http/index.ts';
import { containerOf, readBody } from './body.ts';
import { taskRunner } from './file-problems.ts';
import { stillMayIn } from './find-certificate.ts';
import { readImport } from './import-content.ts';
import { draftImport } from './import-draft.ts';
import { wordingNameTaken } from './name-taken.ts';
import { renderStored } from './render.ts';
import { type Base, IMPORT, operationIdOf, type Services } from './route.ts';
import { containerQuery, SECURITY, writeErrors } from './schemas.ts';
import { placementOf, tenantOf } from './tenancy.ts';
import { importedCertificate, importRequest } from './transfer-schemas.ts';

/** POST of a file: stores its certificate, with or without a private key (contract §7). */
export function importCertificate(app: FastifyInstance, services: Services, base: Base): void {
  const { keypairs, allowWeak } = services;
  app.post(base.prefix + IMPORT, {
    schema: {
      tags: ['strata'],
      security: SECURITY,
      operationId: operationIdOf('ImportCertificates', base),
      description: 'Stores a certificate, with its chain and its private key where they come with it.',
      querystring: containerQuery,
      body: importRequest,
      response: { 201: answer('The stored certificate', importedCertificate), ...writeErrors },
    },
    config: { operation: 'strata.certificates.import' },
    async handler(request, reply) {
      const departure = departureSignal(reply);
      const body = readBody(request, importRequest);
      const { name, format } = body;
      const container = containerOf(request, body);
      const content = await readImport(body, taskRunner(request, departure, services));
      // Only now: the token may have been given another tenant while the file waited.
      const placement = placementOf(tenantOf(request), container);
      const wanted = { ...content, name, container };
      const draft = await draftImport(keypairs, placement, wanted, allowWeak);
      const { id } = await wordingNameTaken(wanted, () =>
        keypairs.create(actorOf(request), placement, draft, {
          departure: () => departure,
          stillMay: () => stillMayIn(request, services, placement),
        }),
      );
      const shown = await renderStored(services, base, { id, placement });
      return reply.code(201).send({ ...shown, format, certificate_file: content.echo });
    },
  });
}
