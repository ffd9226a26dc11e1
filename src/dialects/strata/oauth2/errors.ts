import { AccessError } from '../../../access/index.ts';
import { answerTo } from '../error-answers.ts';

/** The one place where the token endpoint words its errors: in OAuth2's shape, not in the envelope (contract §1.1). */

/** RFC 6749 §5.2; the last two are those of its §4.1.2.1, for what that section has no word for. */
export type OauthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_scope'
  | 'unsupported_grant_type'
  | 'server_error'
  | 'temporarily_unavailable';

export interface OauthErrorBody {
  readonly error: OauthErrorCode;
  readonly error_description: string;
}

export interface OauthAnswer {
  readonly status: number;
  readonly body: OauthErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer that the handler throws. */
export class OauthRefusal extends Error {
  override readonly name = 'OauthRefusal';
  readonly error: Exclude<OauthErrorCode, 'invalid_client'>;

  /** @param description never a secret */
  constructor(error: OauthRefusal['error'], description: string) {
    super(description);
    this.error = error;
  }
}

/** RFC 9110 §15.5.2: every 401 names a scheme; RFC 6749 §5.2: this one. */
const CHALLENGE = { 'www-authenticate': 'Basic realm="certkeep", charset="UTF-8"' };

/** RFC 6749 §5.1: no answer of the token endpoint is kept anywhere. */
export const NOT_TO_BE_KEPT = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;

const STATUS_WORDS: Readonly<Record<number, string>> = {
  404: 'there is nothing at this path',
  405: 'the path lacks this method',
  408: 'the request did not end in time',
  413: 'the body is larger than this server takes',
  414: 'the path is too long',
  417: 'the expectation can not be met',
  431: 'the headers are larger than this server takes',
  501: 'the method is not supported',
};

const TEMPORARY = new Set([429, 499, 503, 504]);

/** What is answered below the paths of the token endpoint by a status alone, where no route is reached. */
export function oauthErrorBody(status: number, description = STATUS_WORDS[status] ?? fallback(status)): OauthErrorBody {
  return { error: codeOf(status), error_description: plain(description) };
}

/** The answer to whatever a handler threw. */
export function oauthAnswerTo(thrown: unknown): OauthAnswer {
  if (thrown instanceof OauthRefusal) {
    const body = { error: thrown.error, error_description: plain(thrown.message) };
    return { status: 400, body, headers: NOT_TO_BE_KEPT };
  }
  if (thrown instanceof AccessError) {
    const body = oauthErrorBody(401, 'client authentication failed');
    return { status: 401, body, headers: { ...NOT_TO_BE_KEPT, ...CHALLENGE } };
  }
  const { status, details, headers } = answerTo(thrown);
  // The envelope's words for it point to an id that this shape has not.
  const body = status === 500 ? oauthErrorBody(status) : oauthErrorBody(status, details.join('; '));
  return { status, body, headers: { ...NOT_TO_BE_KEPT, ...headers } };
}

function codeOf(status: number): OauthErrorCode {
  if (status === 401) {
    return 'invalid_client';
  }
  if (TEMPORARY.has(status)) {
    return 'temporarily_unavailable';
  }
  return status >= 500 && status !== 501 ? 'server_error' : 'invalid_request';
}

function fallback(status: number): string {
  return status >= 500 ? 'the server can not answer' : 'the request could not be read';
}

/** RFC 6749 §5.2: neither quotes nor backslashes, and nothing beyond ASCII. */
function plain(description: string): string {
  return description.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
}
