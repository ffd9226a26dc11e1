import type { FastifyInstance, FastifyRequest } from 'fastify';
import { actorOf, answer, departureSignal } from '../../http/index.ts';
import type { Placement } from '../../keypairs/index.ts';
import { checkNewCertificate, generateKeyPair, issueCertificate, type NewCertificate } from '../../x509/index.ts';
import { containerOf, readBody } from './body.ts';
import { invalidObject } from './errors.ts';
import { stillMayIn } from './find-certificate.ts';
import { problemOf } from './generate-problems.ts';
import { keySpecOf, wantedCertificate, weakChoices } from './generate-profile.ts';
import { type CertificatesPost, certificatesPost } from './generate-request.ts';
import { reopen, type Signer, signingBy } from './generate-signer.ts';
import { wordingNameTaken } from './name-taken.ts';
import { renderStored } from './render.ts';
import { type Base, CERTIFICATES, operationIdOf, type Services } from './route.ts';
import { certificatesGet, containerQuery, SECURITY, writeErrors } from './schemas.ts';
import { placementOf, tenantOf } from './tenancy.ts';

/** What was found sound before a key is made for it. */
interface Plan {
  readonly placement: Placement;
  readonly certificate: NewCertificate;
  /** null for a certificate that is signed by itself. */
  readonly signer: Signer | null;
}

/** POST of certificates (contract §2, operation 2): makes a key and a certificate for it. */
export function generateCertificate(app: FastifyInstance, services: Services, base: Base): void {
  const { keypairs } = services;
  app.post(base.prefix + CERTIFICATES, {
    schema: {
      tags: ['strata'],
      security: SECURITY,
      operationId: operationIdOf('CreateCertificates', base),
      description: 'Generates a key and a certificate for it, and stores both.',
      querystring: containerQuery,
      body: certificatesPost,
      response: { 201: answer('The generated certificate', certificatesGet), ...writeErrors },
    },
    config: { operation: 'strata.certificates.generate' },
    async handler(request, reply) {
      // First of all: a client may leave while its request is still being read.
      const departure = departureSignal(reply);
      const body = readBody(request, certificatesPost);
      const container = containerOf(request, body);
      const placement = placementOf(tenantOf(request), container);
      const plan = await planOf(request, services, placement, body);
      const name = body.certificate_name;
      const generation = {
        name,
        issuing: { signerId: plan.signer?.id ?? null, privateKeyExportable: body.is_block_privateKey !== true },
        make: () => make(request, services, body, plan),
      };
      const { id } = await wordingNameTaken({ name, container }, () =>
        keypairs.generate(actorOf(request), placement, generation, departure),
      );
      return reply.code(201).send(await renderStored(services, base, { id, placement }));
    },
  });
}

/** @throws {Refusal} naming every field by which nothing can be generated */
async function planOf(
  request: FastifyRequest,
  services: Services,
  placement: Placement,
  body: CertificatesPost,
): Promise<Plan> {
  const signing = await signingBy(body.signed_by ?? '', request, services, placement);
  const { signer, authority } = signing;
  const certificate = wantedCertificate(body, authority, services.now());
  // Of a signer that can't sign nobody asks for its digests.
  const checked = signing.problems.length === 0 ? certificate : { ...certificate, digest: undefined };
  const problems = [
    ...signing.problems,
    ...(services.allowWeak ? [] : weakChoices(body)),
    ...checkNewCertificate(checked, keySpecOf(body), authority).map((problem) => problemOf(problem, authority)),
  ];
  if (problems.length > 0) {
    throw invalidObject(problems);
  }
  return { placement, certificate, signer };
}

async function make(request: FastifyRequest, services: Services, body: CertificatesPost, plan: Plan) {
  const { publicKey, privateKey } = await generateKeyPair(keySpecOf(body));
  // It may have waited for its turn for long, and the key for the primes.
  await stillMayIn(request, services, plan.placement);
  const authority = plan.signer === null ? null : await reopen(plan.signer, request, services);
  try {
    return {
      certificate: await issueCertificate(plan.certificate, publicKey, authority ?? privateKey),
      privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    };
  } catch (error) {
    throw invalidObject([problemOf(error, authority)]);
  }
}
