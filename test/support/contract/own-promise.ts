import { type Answer, methodOf, pathOf } from './answer.ts';
import { ours } from './descriptions.ts';
import type { DescribedBody, PathItem } from './document.ts';

/** What Fastify and Node answer before a route is found, so that it stands in no operation. */
const BELOW_ROUTING = [408, 414, 431];
/** Of any path to a client that asks too often. */
const TOO_MANY_REQUESTS = 429;

/** How a dialect answers where no operation of it is reached. */
interface Elsewhere {
  readonly paths: RegExp;
  readonly error: DescribedBody;
  /** To methods that a path lacks. */
  readonly otherMethod: number;
  /** To what no path is, beside 400, 404 and what is below routing. */
  readonly otherPath: readonly number[];
  /** Whether a 404 is an error like any other. Authentik's is a page: its front server answers it (contract §1.8). */
  readonly has404: boolean;
}

const AUTHENTIK: Elsewhere = {
  paths: /^\/api\/v3\//,
  error: errorOf('GenericError'),
  otherMethod: 405,
  otherPath: [],
  has404: false,
};
const ELSEWHERE: readonly Elsewhere[] = [
  AUTHENTIK,
  {
    paths: /^\/(config\/identity|sse\/config)\//,
    error: errorOf('StrataErrors'),
    otherMethod: 501,
    // Of other actions 405, of other versions 501; both after the token.
    otherPath: [401, 405, 501],
    has404: true,
  },
  {
    paths: /^\/(auth\/v1\/|am\/)?oauth2\//,
    error: errorOf('OAuthError'),
    otherMethod: 405,
    otherPath: [],
    has404: true,
  },
  {
    paths: /^\/accounts\//,
    error: errorOf('AstraProblem', 'application/problem+json'),
    otherMethod: 405,
    otherPath: [],
    has404: true,
  },
];

function errorOf(component: string, mediaType = 'application/json'): DescribedBody {
  return { content: { [mediaType]: { schema: { $ref: `#/components/schemas/${component}` } } } };
}

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
  const elsewhere = elsewhereOf(answer);
  const known = [400, 404, TOO_MANY_REQUESTS, ...BELOW_ROUTING, ...(elsewhere?.otherPath ?? [])];
  if (!(exception?.allows(answer) ?? known.includes(answer.status))) {
    return ['the path is not described, and this is no answer to such a one'];
  }
  const isError = elsewhere !== undefined && (answer.status !== 404 || elsewhere.has404);
  return isError ? ours().breaches(answer, elsewhere.error) : [];
}

function elsewhereOf(answer: Answer): Elsewhere | undefined {
  return ELSEWHERE.find(({ paths }) => paths.test(pathOf(answer.url)));
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
  const { error, otherMethod, otherPath } = elsewhereOf(answer) ?? AUTHENTIK;
  // HEAD is GET without a body, where there is one.
  const isHead = method === 'head' && answer.status !== otherMethod;
  const operation = method && (item[method] ?? (isHead ? item.get : undefined));
  if (BELOW_ROUTING.includes(answer.status)) {
    return [error];
  }
  if (operation !== undefined) {
    return [operation.responses[answer.status]].filter((described) => described !== undefined);
  }
  if (answer.status < 400) {
    return [];
  }
  const errors = Object.values(item).map(({ responses }) => responses[answer.status]);
  const isGeneric = answer.status === otherMethod || otherPath.includes(answer.status);
  return [isGeneric ? error : undefined, ...errors].filter((described) => described !== undefined);
}
