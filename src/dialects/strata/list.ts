import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { visibleIn } from '../../access/index.ts';
import { answer, jsonMembers } from '../../http/index.ts';
import type { CertificateView, KeypairFilter, Order, Page } from '../../keypairs/index.ts';
import { notPresent } from './errors.ts';
import { parameterOf, requiredContainer, wholeNumberOf } from './query.ts';
import { dateFormOf, renderCertificate } from './render.ts';
import { type Base, CERTIFICATES, operationIdOf, type Services } from './route.ts';
import {
  certificatesGet,
  certificatesList,
  DEFAULT_LIMIT,
  listQuery,
  MAX_LIMIT,
  readErrors,
  SECURITY,
} from './schemas.ts';
import { placementOf, tenantOf } from './tenancy.ts';

/** Contract §6: stable, the oldest first. */
const ORDERS: readonly Order[] = [
  { field: 'createdAt', descending: false },
  { field: 'id', descending: false },
];

/** GET of the certificates of one container (contract §2, operation 1). */
export function listCertificates(app: FastifyInstance, services: Services, base: Base): void {
  app.get(base.prefix + CERTIFICATES, {
    schema: {
      tags: ['strata'],
      security: SECURITY,
      operationId: operationIdOf('ListCertificates', base),
      description: 'Lists the certificates of one folder, snippet or device. The private keys stay sealed.',
      querystring: listQuery,
      response: {
        200: base.isLegacy
          ? answer('One page of certificates', certificatesList)
          : answer('One page of certificates, or the one of the name', z.union([certificatesList, certificatesGet])),
        ...readErrors,
      },
    },
    config: { operation: 'strata.certificates.list' },
    async handler(request, reply) {
      const container = requiredContainer(request);
      const name = parameterOf(request, 'name');
      const page = pageOf(request);
      // By name there is one at the most: a page of it would tell nothing.
      const isLookUp = name !== undefined && !base.isLegacy;
      const { total, certificates } = await services.keypairs.listCertificates(
        placementOf(tenantOf(request), container),
        filterOf(request, name),
        ORDERS,
        isLookUp ? { limit: 1, offset: 0 } : page,
      );
      const dates = dateFormOf(base, services);
      const render = (view: CertificateView) => renderCertificate(view, container, dates);
      if (isLookUp) {
        return lookedUp(certificates.map(render));
      }
      const data = await jsonMembers(certificates, render);
      const rest = `"offset":${page.offset},"total":${total},"limit":${page.limit}`;
      const body = Buffer.concat([Buffer.from('{"data":['), ...data, Buffer.from(`],${rest}}`)]);
      return reply.header('content-type', 'application/json').send(body);
    },
  });
}

function pageOf(request: FastifyRequest) {
  return {
    limit: wholeNumberOf(request, 'limit', { minimum: 1, maximum: MAX_LIMIT }) ?? DEFAULT_LIMIT,
    offset: wholeNumberOf(request, 'offset', { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) ?? 0,
  } satisfies Page;
}

function filterOf(request: FastifyRequest, name: string | undefined): KeypairFilter {
  const ids = visibleIn(request.caller, 'strata.certificates.list');
  return { ...(name === undefined ? {} : { name }), ...(ids === undefined ? {} : { ids: [...ids] }) };
}

/** What a client of the current base finds by a name (contract §3.1). */
function lookedUp<T>([found]: readonly T[]): T {
  if (found === undefined) {
    throw notPresent();
  }
  return found;
}
