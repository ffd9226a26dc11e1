import { AccessError, type AccessErrorCode } from '../../access/index.ts';
import { Throttled } from '../../http/index.ts';
import {
  Abandoned,
  Busy,
  CertificateRefused,
  KeypairNotFound,
  ServerEnding,
  StoreUnavailable,
  TrustError,
  type TrustErrorCode,
} from '../../keypairs/index.ts';
import { Problem, type ProblemNumber, problemBody } from './errors.ts';
import { isPlainStatus, PlainProblem, plainProblemBody } from './plain-problem.ts';
import { refusedCertificate } from './refused-certificate.ts';

/** What this dialect answers to the errors of other folders, and to what never got as far as a route. */
export type ErrorAnswer = Problem | PlainProblem;

/** RFC 6750 §3. */
const CHALLENGE = { 'www-authenticate': 'Bearer' };
const STORE_RETRY_SECONDS = 5;

const ACCESS_PROBLEMS: Record<AccessErrorCode, ProblemNumber> = {
  NOT_AUTHENTICATED: 3,
  TOKEN_INVALID: 4,
  PERMISSION_DENIED: 11,
};

const TRUST_PROBLEMS: Record<TrustErrorCode, ProblemNumber> = {
  CERTIFICATE_EXPIRED: 110,
  CERTIFICATE_BROKEN: 109,
  ACCOUNT_GONE: 18,
};

/** Fastify's errors of reading a request, and Node's of a client that left in the middle of it, by their code. */
const TRANSPORT_ANSWERS: ReadonlyMap<string, ErrorAnswer> = new Map<string, ErrorAnswer>([
  ['FST_ERR_CTP_BODY_TOO_LARGE', new Problem(85)],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', new PlainProblem(400)],
  ['ECONNRESET', new PlainProblem(499)],
]);

/**
 * The answer to whatever a handler threw.
 *
 * @param method of the request: a certificate that is not there is called differently by DELETE (contract §9.1, §9.2)
 */
export function answerTo(error: unknown, method: string): ErrorAnswer {
  if (error instanceof Problem) {
    return error;
  }
  if (error instanceof AccessError) {
    return new Problem(ACCESS_PROBLEMS[error.code], error.code === 'PERMISSION_DENIED' ? {} : { headers: CHALLENGE });
  }
  if (error instanceof KeypairNotFound) {
    return new Problem(method === 'DELETE' ? 1 : 2);
  }
  if (error instanceof CertificateRefused) {
    return refusedCertificate(error);
  }
  if (error instanceof TrustError) {
    return new Problem(TRUST_PROBLEMS[error.code]);
  }
  return answerToCircumstances(error);
}

/** The body of an answer; its `correlationID` is the request's id. */
export function bodyOf(answer: ErrorAnswer, requestId: string) {
  return answer instanceof Problem ? problemBody(answer, requestId) : plainProblemBody(answer, requestId);
}

/** What has nothing to do with what was asked for. */
function answerToCircumstances(error: unknown): ErrorAnswer {
  if (error instanceof StoreUnavailable) {
    // Also where the database did not answer in time: the catalogue has no 504 for it.
    return notReady(STORE_RETRY_SECONDS);
  }
  if (error instanceof Busy || error instanceof ServerEnding) {
    return notReady(error.retryAfterSeconds);
  }
  if (error instanceof Throttled) {
    return new PlainProblem(429, { 'retry-after': String(error.retryAfterSeconds) });
  }
  if (error instanceof Abandoned) {
    return new PlainProblem(499);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return TRANSPORT_ANSWERS.get(code) ?? new Problem(34);
}

function notReady(retryAfterSeconds: number): Problem {
  return new Problem(41, { headers: { 'retry-after': String(retryAfterSeconds) } });
}

/** By status: what Node and Fastify refuse before there is a route, and in front of all of them. */
const UNROUTED_PROBLEMS: Readonly<Record<number, ProblemNumber>> = { 404: 2, 413: 85, 503: 41 };

/** The answer to what never got as far as a route. */
export function answerToUnrouted(status: number): ErrorAnswer {
  const number = UNROUTED_PROBLEMS[status];
  if (number !== undefined) {
    return new Problem(number);
  }
  if (isPlainStatus(status)) {
    return new PlainProblem(status);
  }
  return status >= 500 ? new Problem(34) : new PlainProblem(400);
}
