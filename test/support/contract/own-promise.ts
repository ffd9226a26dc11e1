import { type Answer, methodOf, pathOf } from './answer.ts';
import { ours, PREFIX } from './descriptions.ts';
import type { DescribedBody, PathItem } from './document.ts';

/** What Fastify and Node answer before a route is found, so that it stands in no operation. */
const BELOW_ROUTING = [408, 414, 431];
/** Of any path to a client that asks too often. */
const TOO_MANY_REQUESTS = 429;
const GENERIC_ERROR: DescribedBody = {
  content: { 'application/json': { schema: { $ref: '#/components/schemas/GenericError' } } },
};

/** What is left out of openapi.yaml on purpose: it is no API. */
const UNDESCRIBED: readonly { readonly path: RegExp; allows(answer: Answer): boolean }[] = [
  {
    path: /^\/-\/health\/(live|ready)\/$/,
    allows: ({ status, body }) => [200, 503].includes(status) && body.byteLength === 0,
  },
  { path: /^\/docs(\/|$)/, allows: ({ status }) => [200, 302, 304, 404, 429, 500].includes(status) },
];

/** What an answer breaks of `openapi.yaml`. */
export function breachesOfOwn(answer: Answer): string[] {
  if (isPreflight(answer)) {
    return [];
  }
  const path = ours().pathOf(answer);
  return path === undefined ? breachesWithoutPath(answer) : breachesAt(path.item, answer);
}

/** Of the Fetch Standard, in front of every path: no operation of the API answers 204 to OPTIONS. */
function isPreflight({ method, status, body }: Answer): boolean {
  return method === 'OPTIONS' && status === 204 && body.byteLength === 0;
}

function breachesWithoutPath(answer: Answer): string[] {
  const path = pathOf(answer.url);
  const exception = UNDESCRIBED.find((undescribed) => undescribed.path.test(path));
  const isAllowed =
    exception?.allows(answer) ?? [400, 404, TOO_MANY_REQUESTS, ...BELOW_ROUTING].includes(answer.status);
  if (!isAllowed) {
    return ['the path is not described, and this is no answer to such a one'];
  }
  // A 404 is a page: the original's front server answers it (contract §1.8).
  const isError = answer.status !== 404 && path.startsWith(`${PREFIX}/`);
  return isError ? ours().breaches(answer, GENERIC_ERROR) : [];
}

function breachesAt(item: PathItem, answer: Answer): string[] {
  const found = describedAnswers(item, answer).map((described) => ours().breaches(answer, described));
  return (
    found.find((breaches) => breaches.length === 0) ?? found[0] ?? ['the status is not described for this operation']
  );
}

/** Everything that an answer may be. */
function describedAnswers(item: PathItem, answer: Answer): DescribedBody[] {
  const method = methodOf(answer);
  // HEAD is GET without a body.
  const operation = method && (item[method] ?? (method === 'head' ? item.get : undefined));
  if (BELOW_ROUTING.includes(answer.status)) {
    return [GENERIC_ERROR];
  }
  if (operation !== undefined) {
    return [operation.responses[answer.status]].filter((described) => described !== undefined);
  }
  if (answer.status < 400) {
    return [];
  }
  const errors = Object.values(item).map(({ responses }) => responses[answer.status]);
  return [answer.status === 405 ? GENERIC_ERROR : undefined, ...errors].filter((described) => described !== undefined);
}
