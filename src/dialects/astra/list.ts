import type { FastifyInstance } from 'fastify';
import { visibleIn } from '../../access/index.ts';
import { departureSignal, jsonMembers } from '../../http/index.ts';
import type { TrustEntry, TrustPage } from '../../keypairs/index.ts';
import { accountOf } from './account.ts';
import { continueToken } from './continue-token.ts';
import { accountParameter, readProblems, SECURITY } from './descriptions.ts';
import { LIST_PARAMETERS, type ListQuery, listParameters, listQueryOf } from './list-query.ts';
import { answerTypeOf } from './negotiation.ts';
import { refuseParameters } from './query-absence.ts';
import { renderCertificate } from './render.ts';
import { CERTIFICATES, type Services } from './route.ts';
import { CERTIFICATES_MEDIA_TYPE, CERTIFICATES_TYPE, certificateList } from './schemas.ts';

/** The one that a list has itself: that of its items is their own. */
const LIST_VERSION = '1.1';

const NOTHING: TrustPage = { entries: [] };

/** GET of an account's certificates (contract §3.6). */
export function listCertificates(app: FastifyInstance, services: Services): void {
  app.get(CERTIFICATES, {
    exposeHeadRoute: false,
    schema: {
      tags: ['astra'],
      security: SECURITY,
      operationId: 'listCertificates',
      description: 'Lists the certificates of an account, page by page.',
      params: accountParameter,
      querystring: listParameters,
      response: {
        200: {
          description: 'One page',
          content: {
            'application/json': { schema: certificateList },
            [CERTIFICATES_MEDIA_TYPE]: { schema: certificateList },
          },
        },
        ...readProblems,
      },
    },
    config: { operation: 'astra.certificates.list' },
    async handler(request, reply) {
      const contentType = answerTypeOf(request, CERTIFICATES_MEDIA_TYPE);
      refuseParameters(request, LIST_PARAMETERS);
      const account = accountOf(request);
      const query = listQueryOf(request, account, services.continuations);
      const at = query.continuation?.at ?? services.now();
      const ids = visibleIn(request.caller, 'astra.certificates.list');
      const { entries, next } = await pageOf(services, query, at, ids, () => departureSignal(reply));
      const metadata =
        next === undefined ? {} : { continue: continueToken(services.continuations, query.walk, { after: next, at }) };
      const items = await jsonMembers(entries, itemOf(query));
      return reply
        .header('content-type', contentType)
        .send(
          Buffer.concat([
            Buffer.from(`{"type":"${CERTIFICATES_TYPE}","version":"${LIST_VERSION}","items":[`),
            ...items,
            Buffer.from(`],"metadata":${JSON.stringify(metadata)}}`),
          ]),
        );
    },
  });
}

async function pageOf(
  { trust }: Services,
  { walk, conditions, order, limit, continuation }: ListQuery,
  at: Date,
  ids: ReadonlySet<string> | undefined,
  departure: () => AbortSignal,
): Promise<TrustPage> {
  if (conditions === undefined) {
    return NOTHING;
  }
  const page = {
    ...{ conditions, order, limit, at },
    ...(ids === undefined ? {} : { ids: [...ids] }),
    ...(continuation === undefined ? {} : { after: continuation.after }),
  };
  return trust.list(walk.account, page, departure);
}

/** How an item is shown: whole, or as the values that are asked for (contract §3.6). */
function itemOf({ include }: ListQuery): (entry: TrustEntry) => object {
  return include === undefined
    ? renderCertificate
    : (entry) => {
        const resource = renderCertificate(entry);
        return include.map((field) => resource[field]);
      };
}
