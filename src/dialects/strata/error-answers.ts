import { AccessError, type AccessErrorCode } from '../../access/index.ts';
import { Throttled } from '../../http/index.ts';
import {
  Busy,
  type BusyWork,
  HoldsPrivateKey,
  KekUnknown,
  KeypairError,
  KeypairInUse,
  KeypairNotFound,
  KeypairRefused,
  type ProblemCode,
  ServerEnding,
  SignerGone,
  StoreUnavailable,
} from '../../keypairs/index.ts';
import {
  type ErrorAnswer,
  type ErrorType,
  invalidObject,
  KeyTooLong,
  notPresent,
  Refusal,
  referenceNotZero,
} from './errors.ts';

/** What this dialect answers to the errors of other folders, and to what never got as far as a route. */

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
  if (error instanceof KekUnknown) {
    // Another replica may have it, and so may this one after its next start.
    return later('Service Unavailable', 'this server lacks a key-encryption key', 30);
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
  if (error instanceof ServerEnding) {
    return later('Service Unavailable', 'the server is ending', error.retryAfterSeconds);
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
