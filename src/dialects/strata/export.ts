import type { FastifyInstance, FastifyRequest } from 'fastify';
import { holdsOn, PermissionDenied } from '../../access/index.ts';
import { actorOf, answer, departureSignal } from '../../http/index.ts';
import type { CertificateView } from '../../keypairs/index.ts';
import { readBody } from './body.ts';
import { invalidObject, Refusal } from './errors.ts';
import { certificateFile, type ExportFormat, keyFile, requestFile } from './export-file.ts';
import { taskRunner } from './file-problems.ts';
import { certificateOf, findTarget } from './find-certificate.ts';
import { type Base, EXPORT, operationIdOf, type Services } from './route.ts';
import { idParameter, SECURITY, writeErrors } from './schemas.ts';
import { exportedCertificate, exportRequest } from './transfer-schemas.ts';

/** POST `:export`: a certificate as a file, with its private key where that may leave (contract §8). */
export function exportCertificate(app: FastifyInstance, services: Services, base: Base): void {
  const { keypairs } = services;
  app.post(base.prefix + EXPORT, {
    schema: {
      tags: ['strata'],
      security: SECURITY,
      operationId: operationIdOf('ExportCertificateByID', base),
      description: 'Gives a certificate as a file. Each export is told in the audit trail before it is sent.',
      params: idParameter,
      body: exportRequest,
      response: { 201: answer('The file', exportedCertificate), ...writeErrors },
    },
    config: { operation: 'strata.certificates.export' },
    async handler(request, reply) {
      const departure = departureSignal(reply);
      const target = certificateOf(request);
      const { format, passphrase = '' } = readBody(request, exportRequest);
      const view = await keypairs.viewOf(target.placement, target.id);
      const wanted = { format, passphrase, view };
      const file = takesKey(request, wanted)
        ? await exportKey(request, services, wanted, departure)
        : await exportCertificateAlone(request, services, wanted);
      return reply.code(201).send({ certificate: file.toString('base64') });
    },
  });
}

interface Wanted {
  readonly format: ExportFormat;
  /** '' for none. */
  readonly passphrase: string;
  readonly view: CertificateView;
}

/**
 * Whether the private key is to leave.
 *
 * @throws {Refusal} 400 without a passphrase or a key where the format needs them, 403 where the key must not leave
 * @throws {PermissionDenied} where the caller may not see keys
 */
function takesKey(request: FastifyRequest, { format, passphrase, view }: Wanted): boolean {
  const { hasPrivateKey, privateKeyExportable } = view;
  if (format === 'pkcs12' && passphrase === '') {
    throw invalidObject([{ field: 'passphrase', text: 'is required for a PKCS#12 file' }]);
  }
  if (format === 'pkcs12' || (format === 'pem' && passphrase !== '' && hasPrivateKey)) {
    refuseWithoutRight(request, view);
  }
  if ((format === 'pkcs12' || format === 'pkcs10') && !hasPrivateKey) {
    throw invalidObject([{ field: 'format', text: 'this certificate has no private key' }]);
  }
  if (format === 'pkcs12' && !privateKeyExportable) {
    throw new Refusal('Unauthorized', ['the private key of this certificate must not leave']);
  }
  return format === 'pkcs12' || (format === 'pem' && passphrase !== '' && hasPrivateKey && privateKeyExportable);
}

/** @throws {PermissionDenied} which is told as an attempt on the key */
function refuseWithoutRight({ caller }: FastifyRequest, { id }: Pick<CertificateView, 'id'>): void {
  if (caller === undefined || !holdsOn(caller, 'view_certificatekeypair_key', id)) {
    throw new PermissionDenied('strata.certificates.export');
  }
}

async function exportKey(
  request: FastifyRequest,
  services: Services,
  { format, passphrase, view }: Wanted,
  departure: AbortSignal,
): Promise<Buffer> {
  const target = certificateOf(request);
  const opened = await services.keypairs.openForUse(target.placement, target.id);
  const run = taskRunner(request, departure, services);
  const file = await keyFile(format === 'pkcs12' ? format : 'pem', opened, { name: view.name, passphrase }, run);
  // The file took its time, and the runner has asked for the caller since: this one certificate may be theirs no more, or its key.
  await findTarget(request, services.keypairs);
  refuseWithoutRight(request, target);
  await services.keypairs.privateKeyText(actorOf(request), target.placement, target.id);
  return file;
}

/** What is no private key: the event is that of a view of the certificate. */
async function exportCertificateAlone(
  request: FastifyRequest,
  { keypairs }: Services,
  { format }: Wanted,
): Promise<Buffer> {
  const { placement, id } = certificateOf(request);
  const request10 = format === 'pkcs10' ? await requestFile(await keypairs.openForUse(placement, id)) : undefined;
  const text = await keypairs.certificateText(actorOf(request), placement, id, false);
  return request10 ?? certificateFile(format === 'der' ? 'der' : 'pem', text);
}
