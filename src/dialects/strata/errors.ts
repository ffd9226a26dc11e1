import { AccessError, type AccessErrorCode, TokenInvalid } from '../../access/index.ts';
import { Throttled } from '../../http/index.ts';
import {
  Busy,
  type BusyWork,
  HoldsPrivateKey,
  KeypairError,
  KeypairInUse,
  KeypairNotFound,
  KeypairRefused,
  type ProblemCode,
  SignerGone,
  StoreUnavailable,
} from '../../keypairs/index.ts';

/** The one place where this dialect words its errors: the envelope and the table of contract §9. */

/** What can be answered, by what the contract calls `errorType`. Codes that are words are ours: the contract has no line for them. */
const KINDS = {
  'Input Format Mismatch': [400, 'E003'],
  'Output Format Mismatch': [400, 'E003'],
  'Missing Query Parameter': [400, 'E003'],
  'Invalid Query Parameter': [400, 'E003'],
  'Missing Body': [400, 'E003'],
  'Invalid Object': [400, 'E003'],
  'Invalid Command': [400, 'E003'],
  'Malformed Command': [400, 'E003'],
  'Bad XPath': [400, 'E013'],
  'Not Authenticated': [401, 'E016'],
  'Invalid Credential': [401, 'E016'],
  'Key Too Long': [401, 'E016'],
  'Key Expired': [401, 'E016'],
  Unauthorized: [403, 'E007'],
  'Object Not Present': [404, 'E005'],
  'Action Not Supported': [405, 'E012'],
  'Name Not Unique': [409, 'E006'],
  'Object Not Unique': [409, 'E016'],
  'Reference Not Zero': [409, 'E009'],
  'Method Not Supported': [501, 'E012'],
  'Version Not Supported': [501, 'E012'],
  'Session Timeout': [504, '4'],
  'Request Timeout': [408, 'TIMEOUT'],
  'Request Too Large': [413, 'TOO_LARGE'],
  'URI Too Long': [414, 'TOO_LARGE'],
  'Expectation Failed': [417, 'EXPECTATION_FAILED'],
  'Too Many Requests': [429, 'TOO_MANY_REQUESTS'],
  'Header Too Large': [431, 'TOO_LARGE'],
  'Client Closed Request': [499, 'CLIENT_LEFT'],
  'Internal Error': [500, 'INTERNAL'],
  'Service Unavailable': [503, 'UNAVAILABLE'],
} as const satisfies Readonly<Record<string, readonly [status: number, code: string]>>;

export type ErrorType = keyof typeof KINDS;

export interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly errorType: ErrorType;
  /** The type, and behind a colon what it is about. */
  readonly message: string;
  /** What is wrong, a sentence each. Never a secret. */
  readonly details: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer that a handler throws: the request ends with it. */
export class Refusal extends Error implements ErrorAnswer {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  readonly errorType: ErrorType;
  readonly details: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** By field, for the log: what exactly is wrong with a text of which the answer only says that it is. Never secret. */
  readonly reasons: Readonly<Record<string, string>>;

  /**
   * @param details a sentence each
   * @param about what the message names behind its colon
   */
  constructor(
    errorType: ErrorType,
    details: readonly string[],
    { about, headers = {}, reasons = {} }: RefusalOptions = {},
  ) {
    super(about === undefined ? errorType : `${errorType}: ${about}`);
    [this.status, this.code] = KINDS[errorType];
    this.errorType = errorType;
    this.details = details;
    this.headers = headers;
    this.reasons = reasons;
  }
}

export interface RefusalOptions {
  readonly about?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly reasons?: Readonly<Record<string, string>>;
}

/** What is wrong with one field of a body. */
export interface FieldProblem {
  /** As a path: `algorithm.rsa_number_of_bits`, `hostname[1]`. */
  readonly field: string;
  readonly text: string;
  /** For the log alone. */
  readonly reason?: string;
}

/** Every problem of a body in one answer. */
export function invalidObject(problems: readonly FieldProblem[]): Refusal {
  const reasons = problems.flatMap(({ field, reason }) => (reason === undefined ? [] : [[field, reason] as const]));
  return new Refusal(
    'Invalid Object',
    problems.map(({ field, text }) => `${field}: ${text}`),
    { reasons: Object.fromEntries(reasons) },
  );
}

/** What is said of a choice that the configuration alone can allow. */
export const tooWeak = (choice: string) =>
  `${choice} is no longer safe, and is taken only where CERTKEEP_STRATA_ALLOW_WEAK is true`;
export const missingQueryParameter = (name: string) =>
  new Refusal('Missing Query Parameter', [`${name} is required`], { about: name });
export const invalidQueryParameter = (name: string, value: string, text: string) =>
  new Refusal('Invalid Query Parameter', [`${name}: ${text}`], { about: `${name}=${shorten(value)}` });
/** Of a name that another certificate of the container has. */
export const nameNotUnique = (name: string, container: { readonly kind: string; readonly name: string }) =>
  new Refusal('Name Not Unique', [`certificate '${name}' already exists in ${container.kind} '${container.name}'`]);
/** @param allow the methods that there are, as the Allow header lists them (RFC 9110 §10.2.1) */
export const methodNotSupported = (method: string, allow: string) =>
  new Refusal('Method Not Supported', [`${method} is not supported here, but ${allow}`], { headers: { allow } });
export const notPresent = () => new Refusal('Object Not Present', ['there is no such object']);

/**
 * A CA that signed others is not deleted. Of these, each is named that the caller sees.
 *
 * @param visible their ids; undefined for all
 */
export function referenceNotZero(
  { signed, andMore }: Pick<KeypairInUse, 'signed' | 'andMore'>,
  visible: ReadonlySet<string> | undefined,
): Refusal {
  if (signed.length === 0) {
    return new Refusal('Reference Not Zero', ['it was in use a moment ago']);
  }
  const shown = signed.filter(({ id }) => visible === undefined || visible.has(id));
  const count = `${andMore ? 'more than ' : ''}${signed.length}`;
  return new Refusal('Reference Not Zero', [
    `it signed ${count} that ${signed.length === 1 && !andMore ? 'is' : 'are'} stored`,
    ...shown.map(({ name }) => `certificate '${name}' was signed by it`),
  ]);
}

/** Of what a client sent, as much as a person needs to find it again. */
export function shorten(text: string): string {
  return text.length > MAX_ECHOED ? `${text.slice(0, MAX_ECHOED)}…` : text;
}

const MAX_ECHOED = 64;

const ACCESS_ANSWERS: Record<AccessErrorCode, readonly [ErrorType, string]> = {
  NOT_AUTHENTICATED: ['Not Authenticated', 'no access token was sent'],
  TOKEN_INVALID: ['Invalid Credential', 'the access token is unknown, expired or revoked'],
  PERMISSION_DENIED: ['Unauthorized', 'the caller lacks the permission'],
};

const PROBLEM_WORDS: Record<Exclude<ProblemCode, 'NAME_TAKEN'>, string> = {
  NAME_TOO_LONG: 'name: must not be so long',
  NOT_A_CERTIFICATE: 'certificate_file: is not a certificate',
  NOT_A_PRIVATE_KEY: 'key_file: is not a private key',
};

/** Fastify's errors of reading a request, and Node's of a client that left in the middle of it, by their code. */
const TRANSPORT_ANSWERS: Readonly<Record<string, readonly [ErrorType, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['Request Too Large', 'the body is larger than this server takes'],
  ECONNRESET: ['Client Closed Request', 'the client left'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['Input Format Mismatch', 'the body is not as long as Content-Length says'],
};

/** A token that is longer than any: counted and told as any other that is not let in. */
export class KeyTooLong extends TokenInvalid {}

/** The answer to whatever a handler threw. */
export function answerTo(error: unknown): ErrorAnswer {
  if (error instanceof Refusal) {
    return error;
  }
  if (error instanceof KeyTooLong) {
    return new Refusal('Key Too Long', ['the access token is longer than any'], { headers: CHALLENGE });
  }
  if (error instanceof AccessError) {
    const [errorType, text] = ACCESS_ANSWERS[error.code];
    return new Refusal(errorType, [text], error.code === 'PERMISSION_DENIED' ? {} : { headers: CHALLENGE });
  }
  if (error instanceof KeypairError) {
    return answerToKeypairError(error);
  }
  if (error instanceof StoreUnavailable) {
    return error.timedOut
      ? later('Session Timeout', 'the database did not answer in time', 5)
      : later('Service Unavailable', 'the database is unavailable', 5);
  }
  if (error instanceof Throttled) {
    return later('Too Many Requests', `try again in ${error.retryAfterSeconds} s`, error.retryAfterSeconds);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [errorType, text] = TRANSPORT_ANSWERS[code] ?? [
    'Internal Error',
    'the log says why, under the id of this request',
  ];
  return new Refusal(errorType, [text]);
}

function answerToKeypairError(error: KeypairError): ErrorAnswer {
  if (error instanceof KeypairRefused) {
    return refusalOf(error);
  }
  if (error instanceof KeypairNotFound) {
    return notPresent();
  }
  if (error instanceof KeypairInUse) {
    return referenceNotZero(error, NOTHING);
  }
  if (error instanceof SignerGone) {
    return invalidObject([{ field: 'signed_by', text: 'was deleted meanwhile' }]);
  }
  if (error instanceof HoldsPrivateKey) {
    return new Refusal('Unauthorized', ['the caller lacks the permission']);
  }
  if (error instanceof Busy) {
    return later('Service Unavailable', BUSY_WORDS[error.work], error.retryAfterSeconds);
  }
  return new Refusal('Client Closed Request', ['the client left']);
}

const BUSY_WORDS: Record<BusyWork, string> = {
  KEY_GENERATION: 'too many key generations are waiting',
  PASSPHRASE: 'too many files under a passphrase are waiting',
  CHAIN: 'too many chains of certificates are waiting',
};
const NOTHING: ReadonlySet<string> = new Set();

/** RFC 6750 §3. */
const CHALLENGE = { 'www-authenticate': 'Bearer' };

function refusalOf({ problems }: KeypairRefused): Refusal {
  const isTaken = problems.some(({ code }) => code === 'NAME_TAKEN');
  return isTaken
    ? new Refusal('Name Not Unique', ['a certificate of this name exists in this container'])
    : new Refusal(
        'Invalid Object',
        problems.flatMap(({ code }) => (code === 'NAME_TAKEN' ? [] : [PROBLEM_WORDS[code]])),
      );
}

function later(errorType: ErrorType, text: string, retryAfterSeconds: number): Refusal {
  return new Refusal(errorType, [text], { headers: { 'retry-after': String(retryAfterSeconds) } });
}

/** By status: what Node and Fastify refuse before there is a route, and in front of all of them. */
const UNROUTED_ANSWERS: Readonly<Record<number, readonly [ErrorType, string]>> = {
  408: ['Request Timeout', 'the request did not come in time'],
  413: ['Request Too Large', 'the body is larger than this server takes'],
  414: ['URI Too Long', 'a part of the path is longer than this server takes'],
  417: ['Expectation Failed', 'there is no such expectation'],
  429: ['Too Many Requests', 'Retry-After says when to ask again'],
  431: ['Header Too Large', 'the headers are larger than this server takes'],
  503: ['Service Unavailable', 'the server is ending'],
};

/**
 * The answer to what never got as far as a route.
 *
 * @param isDecodable whether its path can be decoded (RFC 3986 §2.1), which alone is a 400
 */
export function answerToUnrouted(status: number, isDecodable: boolean): ErrorAnswer {
  if (status === 400 && !isDecodable) {
    return new Refusal('Bad XPath', ['the path can not be decoded']);
  }
  const [errorType, text] =
    UNROUTED_ANSWERS[status] ??
    (status >= 500
      ? ['Internal Error' as const, 'the log says why']
      : ['Malformed Command' as const, 'the request could not be read']);
  return new Refusal(errorType, [text]);
}

/**
 * An answer in the envelope that every status has.
 *
 * @param requestId 32 hex digits, as the log has it
 */
export function envelope({ code, message, errorType, details }: ErrorAnswer, requestId: string) {
  return {
    _errors: [{ code, message, details: { errorType, message: details }, help: '' }],
    _request_id: requestId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  };
}
