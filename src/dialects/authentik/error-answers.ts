import { AccessError, type AccessErrorCode, TokenNotFound, TokenRefused } from '../../access/index.ts';
import { Throttled } from '../../http/index.ts';
import {
  Abandoned,
  Busy,
  type BusyWork,
  HoldsPrivateKey,
  KekUnknown,
  KeypairNotFound,
  KeypairRefused,
  SealingError,
  ServerEnding,
  StoreUnavailable,
} from '../../keypairs/index.ts';
import {
  detail,
  type ErrorAnswer,
  invalidFields,
  KEYPAIR_WORDING,
  Refusal,
  refusalOf,
  TOKEN_WORDING,
} from './errors.ts';

/** What this dialect answers to the errors of other folders, and to what never got as far as a route. */

/** Nobody reads this answer; the log does. The number is nginx's. */
const CLIENT_CLOSED_REQUEST = 499;

const ACCESS_ANSWERS: Record<AccessErrorCode, ErrorAnswer> = {
  NOT_AUTHENTICATED: { status: 403, body: detail('Authentication credentials were not provided.') },
  TOKEN_INVALID: { status: 403, body: detail('Token invalid/expired') },
  PERMISSION_DENIED: { status: 403, body: detail('You do not have permission to perform this action.') },
};

/** Fastify's errors of reading a request, and Node's of a client that left in the middle of it, by their code. */
const TRANSPORT_ANSWERS: Readonly<Record<string, ErrorAnswer>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, body: detail('Request body too large.') },
  ECONNRESET: { status: CLIENT_CLOSED_REQUEST, body: detail('The client left.') },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { status: 400, body: detail('The body is not as long as Content-Length says.') },
};

/** Nobody is ever told but of the first: a chain whose turn does not come is stored undescribed, and no file here has a passphrase. */
const BUSY_WORDS: Record<BusyWork, string> = {
  KEY_GENERATION: 'Too many key generations are waiting. Try again later.',
  CHAIN: 'Too many requests are waiting. Try again later.',
  PASSPHRASE: 'Too many requests are waiting. Try again later.',
};

/** Another replica may have it, and so may this one after its next start. */
const KEK_RETRY_SECONDS = 30;

const INTERNAL: ErrorAnswer = { status: 500, body: detail('Internal server error.') };

/** The answer to whatever a handler threw. */
export function answerTo(error: unknown): ErrorAnswer {
  if (error instanceof Refusal) {
    return error;
  }
  if (error instanceof AccessError) {
    return ACCESS_ANSWERS[error.code];
  }
  if (error instanceof KeypairRefused) {
    return refusalOf(error.problems, KEYPAIR_WORDING);
  }
  if (error instanceof KeypairNotFound) {
    return { status: 404, body: detail('No CertificateKeyPair matches the given query.') };
  }
  if (error instanceof HoldsPrivateKey) {
    return ACCESS_ANSWERS.PERMISSION_DENIED;
  }
  if (error instanceof TokenNotFound) {
    return { status: 404, body: detail('No Token matches the given query.') };
  }
  if (error instanceof TokenRefused) {
    return invalidFields(new Map([TOKEN_WORDING[error.code]]));
  }
  return answerToCircumstances(error);
}

/** What has nothing to do with what was asked for. */
function answerToCircumstances(error: unknown): ErrorAnswer {
  if (error instanceof Busy) {
    return unavailable(BUSY_WORDS[error.work], error.retryAfterSeconds);
  }
  if (error instanceof ServerEnding) {
    return unavailable('The server is ending. Try again later.', error.retryAfterSeconds);
  }
  if (error instanceof Abandoned) {
    return { status: CLIENT_CLOSED_REQUEST, body: detail('The client left.') };
  }
  if (error instanceof StoreUnavailable) {
    return unavailable('The database is unavailable. Try again later.', 5);
  }
  if (error instanceof Throttled) {
    return throttled(error.retryAfterSeconds);
  }
  if (error instanceof KekUnknown) {
    return unavailable('This server lacks a key-encryption key. Try again later.', KEK_RETRY_SECONDS);
  }
  if (error instanceof SealingError) {
    return { status: 500, body: detail('The stored text of this pair can not be opened. The log says why.') };
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return TRANSPORT_ANSWERS[code] ?? INTERNAL;
}

function unavailable(text: string, retryAfterSeconds: number): ErrorAnswer {
  return { status: 503, body: detail(text), headers: { 'retry-after': String(retryAfterSeconds) } };
}

/** As Django REST framework words it. */
function throttled(retryAfterSeconds: number): ErrorAnswer {
  const seconds = `${retryAfterSeconds} second${retryAfterSeconds === 1 ? '' : 's'}`;
  return {
    status: 429,
    body: detail(`Request was throttled. Expected available in ${seconds}.`),
    headers: { 'retry-after': String(retryAfterSeconds) },
  };
}
