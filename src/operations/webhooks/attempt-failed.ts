export type AttemptFailedCode =
  | 'ADDRESS_REFUSED'
  | 'CONNECTION_FAILED'
  | 'ENDED'
  | 'GONE'
  | 'NAME_UNKNOWN'
  | 'STATUS'
  | 'TIMED_OUT';

const TEXTS: Record<AttemptFailedCode, string> = {
  ADDRESS_REFUSED: 'the address is not public, and CERTKEEP_WEBHOOK_PRIVATE_NETWORKS does not allow it',
  CONNECTION_FAILED: 'no answer could be had',
  ENDED: 'this server ended before there was an answer',
  GONE: 'answered with status 410: the receiver wants no more',
  NAME_UNKNOWN: "the host's name has no address",
  STATUS: 'answered with another status than 2xx',
  TIMED_OUT: 'no answer came in time',
};

interface AttemptFailedOptions {
  readonly cause?: unknown;
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
}

/** A code of Node's or OpenSSL's. Whatever else an error says may hold what the URL does. */
const CODE = /^[A-Z][A-Z0-9_]{2,60}$/;

/** A message was not delivered. The text is stored and shown: it holds nothing of the URL or of the answer but its status. */
export class AttemptFailed extends Error {
  override readonly name = 'AttemptFailed';
  readonly code: AttemptFailedCode;
  /** How long the receiver asked to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(code: AttemptFailedCode, { cause, status, retryAfterMs }: AttemptFailedOptions = {}) {
    const reason = code === 'STATUS' ? status : codeOf(cause);
    super(`${TEXTS[code]}${reason === undefined ? '' : ` (${reason})`}`);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && CODE.test(code) ? code : undefined;
}
