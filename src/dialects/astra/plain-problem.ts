import { STATUS_CODES } from 'node:http';

/**
 * What the catalogue has no number for. The body of the closest problem would lie about its status, so these say no more than their status does
 * (RFC 9457 §4.2.1).
 */
const SENTENCES = {
  400: "The request can't be read.",
  408: "The request didn't come in time.",
  414: 'A part of the path is longer than this server takes.',
  417: 'There is no such expectation.',
  429: 'Too many requests came at once. Retry-After says when to ask again.',
  431: 'The headers are larger than this server takes.',
  499: 'The client left.',
} as const;

export type PlainStatus = keyof typeof SENTENCES;

export class PlainProblem {
  readonly status: PlainStatus;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: PlainStatus, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.headers = headers;
  }
}

export function isPlainStatus(status: number): status is PlainStatus {
  return Object.hasOwn(SENTENCES, status);
}

/**
 * The body of a problem without a number.
 *
 * @param correlationId the id of the request, as the log has it: a UUID
 */
export function plainProblemBody({ status }: PlainProblem, correlationId: string) {
  return {
    type: 'about:blank',
    // No registered status: proxies know it for a client that left.
    title: STATUS_CODES[status] ?? 'Client Closed Request',
    detail: SENTENCES[status],
    status: String(status),
    correlationID: correlationId,
  };
}
