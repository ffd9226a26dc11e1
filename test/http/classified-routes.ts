/**
 * Every path of the server, and how it answers to whom. A path that is missing here fails every-route.test.ts: whoever adds one says here
 * who may use it.
 */

/**
 * The answers to a request without a body: of a caller without a token, of a token of no right, of the superuser. `C` says that no credentials
 * were given, `P` that a permission is missing, each in the words of the path's dialect; a number is a status that is no refusal: a 400 of an
 * empty body got past the rights.
 */
type Answers = `${string} ${string} ${string}`;

export interface ClassifiedPath {
  /** Whose words refusals are in; authentik's unless it is said otherwise. */
  readonly dialect?: 'strata' | 'astra';
  /** What is sent; `{pair}` stands for the id of a pair that is there, and `{account}` for that of its account. */
  readonly request: string;
  readonly methods: Readonly<Record<string, Answers>>;
  /** Of all other methods; there are none without it. */
  readonly otherMethods?: Answers;
  /** Why anything here is for callers without a token. */
  readonly openBecause?: string;
  /** Looks at no token, a wrong one neither. */
  readonly ignoresTokens?: boolean;
}

const PAIRS = '/api/v3/crypto/certificatekeypairs/';
const TOKENS = '/api/v3/core/tokens/';
const EVENTS = '/api/v3/events/events/';
const PAIR = `${PAIRS}:kp_uuid(^[^/.]+$)/`;

const STRATA_BASES = ['/config/identity/v1', '/sse/config/v1'] as const;

/** Of each base: nothing is for callers without a token, who are told neither which methods nor which actions there are. */
function strataPaths(base: (typeof STRATA_BASES)[number]): Readonly<Record<string, ClassifiedPath>> {
  const certificates = `${base}/certificates`;
  const certificate = `${certificates}/:id(^[^/:]+$)`;
  const version = `${base.replace(/v1$/, '')}:version(^v(?!1$)\\d[\\w.-]*$)`;
  const dialect = 'strata';
  const request = (path: string) => ({ dialect, request: path }) as const;
  return {
    [certificates]: {
      ...request(`${certificates}?folder=Shared`),
      methods: { GET: 'C P 200', HEAD: 'C P 200', POST: 'C P 400' },
      otherMethods: 'C 501 501',
    },
    [certificate]: {
      ...request(`${certificates}/{pair}`),
      methods: { GET: 'C P 200', HEAD: 'C P 200', DELETE: 'C P 200' },
      otherMethods: 'C 501 501',
    },
    [`${certificates}::import`]: {
      ...request(`${certificates}:import`),
      methods: { POST: 'C P 400' },
      otherMethods: 'C 501 501',
    },
    [`${certificate}::export`]: {
      ...request(`${certificates}/{pair}:export`),
      methods: { POST: 'C P 400' },
      otherMethods: 'C 501 501',
    },
    [`${certificates}::*`]: { ...request(`${certificates}:move`), methods: {}, otherMethods: 'C 405 405' },
    [`${certificates}/*`]: { ...request(`${certificates}/{pair}:move`), methods: {}, otherMethods: 'C 405 405' },
    [version]: { ...request(base.replace('v1', 'v2')), methods: {}, otherMethods: 'C 501 501' },
    [`${version}/*`]: { ...request(`${base.replace('v1', 'v2')}/x`), methods: {}, otherMethods: 'C 501 501' },
  };
}

/** Nothing is for callers without a token, and nothing for those who are not let into the account. */
function astraPaths(): Readonly<Record<string, ClassifiedPath>> {
  const certificates = '/accounts/:account_id/core/v1/certificates';
  const request = (below: string) =>
    ({ dialect: 'astra', request: `/accounts/{account}/core/v1/certificates${below}` }) as const;
  return {
    [certificates]: { ...request(''), methods: { GET: 'C P 200', POST: 'C P 400' }, otherMethods: 'C 405 405' },
    [`${certificates}/:certificate_id(^[^/]+$)`]: {
      ...request('/{pair}'),
      methods: { GET: 'C P 200', PUT: 'C P 400', DELETE: 'C P 204' },
      otherMethods: 'C 405 405',
    },
    [`${certificates}/bundle.pem`]: {
      ...request('/bundle.pem'),
      methods: { GET: 'C P 200' },
      otherMethods: 'C 405 405',
    },
  };
}

const view = {
  methods: { GET: 'C P 200', HEAD: 'C P 200', OPTIONS: 'C 200 200' },
  otherMethods: 'C 405 405',
} as const;
const forEverybody = {
  methods: { GET: '200 200 200', HEAD: '200 200 200', OPTIONS: '200 200 200' },
  otherMethods: '405 405 405',
} as const;
const documentation = {
  methods: { GET: '200 200 200', HEAD: '200 200 200' },
  openBecause: 'the page to browse the API holds nothing but its description',
  ignoresTokens: true,
} as const;
const probe = {
  methods: {},
  otherMethods: '200 200 200',
  openBecause: 'a probe has no token, and learns nothing but that the server runs',
  ignoresTokens: true,
} as const;
const tokenEndpoint = {
  methods: { POST: '400 400 400' },
  otherMethods: '405 405 405',
  openBecause: 'a client shows its credentials there, to be given a token',
  ignoresTokens: true,
} as const;
const publicKeys = {
  methods: { GET: '200 200 200', HEAD: '200 200 200' },
  otherMethods: '405 405 405',
  openBecause: 'clients verify what they were given by the public keys',
  ignoresTokens: true,
} as const;
const describes =
  'OPTIONS says nothing but what the path is, and 405 nothing but that it lacks the method (rules 8 and 9)';

/** By the path as Fastify knows it. */
export const CLASSIFIED: Readonly<Record<string, ClassifiedPath>> = {
  [PAIRS]: {
    request: PAIRS,
    methods: {
      GET: 'C P 200',
      HEAD: 'C P 200',
      POST: 'C P 400',
      PUT: 'C P 405',
      PATCH: 'C P 405',
      DELETE: 'C P 405',
      OPTIONS: 'C 200 200',
    },
    otherMethods: 'C 405 405',
  },
  [`${PAIRS}generate/`]: {
    request: `${PAIRS}generate/`,
    methods: { POST: 'C P 400', OPTIONS: 'C 200 200' },
    otherMethods: 'C 405 405',
  },
  [PAIR]: {
    request: `${PAIRS}{pair}/`,
    methods: {
      GET: 'P P 200',
      HEAD: 'P P 200',
      PUT: 'P P 400',
      PATCH: 'P P 200',
      DELETE: 'P P 204',
      OPTIONS: '200 200 200',
    },
    otherMethods: '405 405 405',
    openBecause: describes,
  },
  [`${PAIR}view_certificate/`]: { request: `${PAIRS}{pair}/view_certificate/`, ...view },
  [`${PAIR}view_private_key/`]: { request: `${PAIRS}{pair}/view_private_key/`, ...view },
  [`${PAIR}used_by/`]: {
    request: `${PAIRS}{pair}/used_by/`,
    methods: { GET: 'P P 200', HEAD: 'P P 200', OPTIONS: '200 200 200' },
    otherMethods: '405 405 405',
    openBecause: describes,
  },
  [TOKENS]: {
    request: TOKENS,
    methods: { GET: 'C 200 200', HEAD: 'C 200 200', POST: 'C P 400', OPTIONS: 'C 200 200' },
    otherMethods: 'C 405 405',
  },
  [`${TOKENS}:identifier(^[^/.]+$)/`]: {
    request: `${TOKENS}nobody-has-it/`,
    methods: {
      GET: 'P 404 404',
      HEAD: 'P 404 404',
      PUT: 'P P 404',
      PATCH: 'P P 404',
      DELETE: 'P P 404',
      OPTIONS: 'P 200 200',
    },
    otherMethods: 'P 405 405',
  },
  [EVENTS]: { request: EVENTS, ...view },
  [`${EVENTS}:event_uuid(^[^/.]+$)/`]: {
    request: `${EVENTS}00000000-0000-4000-8000-00000000dead/`,
    methods: { GET: 'P P 404', HEAD: 'P P 404', OPTIONS: '200 200 200' },
    otherMethods: 'P 405 405',
    openBecause: describes,
  },
  '/api/v3/root/config/': {
    request: '/api/v3/root/config/',
    ...forEverybody,
    openBecause: 'clients read it before they have a token',
  },
  '/api/v3/schema/': {
    request: '/api/v3/schema/',
    ...forEverybody,
    openBecause: 'it is the description of the API, as it lies in openapi.yaml',
  },
  ...strataPaths(STRATA_BASES[0]),
  ...strataPaths(STRATA_BASES[1]),
  ...astraPaths(),
  '/-/health/live/': { request: '/-/health/live/', ...probe },
  '/-/health/ready/': { request: '/-/health/ready/', ...probe },
  '/docs': { request: '/docs', ...documentation },
  '/docs/': { request: '/docs/', ...documentation },
  '/docs/json': { request: '/docs/json', ...documentation },
  '/docs/yaml': { request: '/docs/yaml', ...documentation },
  '/docs/static/index.html': {
    request: '/docs/static/index.html',
    ...documentation,
    methods: { GET: '302 302 302', HEAD: '302 302 302' },
  },
  '/docs/static/swagger-initializer.js': { request: '/docs/static/swagger-initializer.js', ...documentation },
  '/docs/static/*': { request: '/docs/static/swagger-ui.css', ...documentation },
  ...Object.fromEntries(
    ['/oauth2', '/auth/v1/oauth2', '/am/oauth2'].flatMap((base) => [
      [`${base}/access_token`, { request: `${base}/access_token`, ...tokenEndpoint }],
      [`${base}/connect/jwk_uri`, { request: `${base}/connect/jwk_uri`, ...publicKeys }],
    ]),
  ),
};
