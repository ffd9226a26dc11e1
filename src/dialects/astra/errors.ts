/** How this dialect answers errors: problem details (RFC 9457) with the fixed words of contract §6. What errors of other folders become stands in error-answers.ts. */

/** By the number of the problem. Titles and details never vary: what is particular stands in the extra members. */
const PROBLEMS = {
  1: [404, 'Resource not found', "The resource specified in the request URI wasn't found."],
  2: [404, 'Collection not found', "The collection specified in the request URI wasn't found."],
  3: [401, 'Missing bearer token', 'The request is missing the required bearer token.'],
  4: [401, 'Invalid bearer token', "The bearer token provided is invalid, revoked, or doesn't exist."],
  5: [400, 'Invalid query parameters', 'The supplied query parameters are invalid.'],
  6: [400, 'Query parameters not supported', "The supplied query parameters aren't supported for this endpoint."],
  7: [400, 'Invalid JSON payload', 'The request body is not valid JSON.'],
  8: [400, 'Invalid JSON resource', "The request body JSON doesn't conform to the schema."],
  9: [400, 'Invalid JSON resource', "The request body JSON didn't pass extended validation."],
  10: [
    409,
    'JSON resource conflict',
    'The request body JSON contains a field that conflicts with an idempotent value.',
  ],
  11: [403, 'Operation not permitted', "The requested operation isn't permitted."],
  12: [400, 'Invalid headers', 'The request headers are invalid.'],
  18: [404, 'Account not found', "The account isn't found."],
  32: [406, 'Unsupported content type', "The response can't be returned in the requested format."],
  33: [400, 'Invalid account ID', "The specified account ID isn't in the appropriate format."],
  34: [500, 'Internal server error', 'The server was unable to process this request.'],
  35: [400, 'Invalid resource ID', "The resource ID isn't in the appropriate format."],
  38: [412, 'Precondition not met', "The conditional headers aren't satisfied."],
  41: [503, 'Service not ready', "Currently, the service can't respond to this request."],
  69: [405, 'Method not supported', "The requested method isn't supported for the specified resource."],
  85: [413, 'Request body too large', 'The request body is too large.'],
  109: [
    400,
    'Certificate not trusted',
    'The certificate is in an untrusted state due to a data integrity violation. To trust the certificate, apply a new certificate definition.',
  ],
  110: [
    400,
    'Certificate expired',
    "The certificate trust state can't be changed because the certificate has expired.",
  ],
} as const satisfies Readonly<Record<number, readonly [status: number, title: string, detail: string]>>;

export type ProblemNumber = keyof typeof PROBLEMS;

/** What is wrong with one field of a body, or with one parameter or header. Never a secret, and no value that was sent. */
export interface Reason {
  readonly name: string;
  readonly reason: string;
}

/** The members of a problem beside those that all have (contract §6). */
export interface ProblemExtras {
  /** Of 9 and 10. */
  readonly invalidFields?: readonly Reason[];
  /** Of 5, 6 and 12. */
  readonly invalidParams?: readonly Reason[];
  /** Of 8: the first failure. */
  readonly schemaValidationFailure?: string;
}

export interface ProblemOptions {
  readonly extras?: ProblemExtras;
  readonly headers?: Readonly<Record<string, string>>;
  /** By field, for the log alone: what exactly is wrong. Never secret. */
  readonly reasons?: Readonly<Record<string, string>>;
}

/** An answer that a handler throws: the request ends with it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly number: ProblemNumber;
  readonly status: number;
  readonly extras: ProblemExtras;
  readonly headers: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;

  constructor(number: ProblemNumber, { extras = {}, headers = {}, reasons = {} }: ProblemOptions = {}) {
    const [status, title] = PROBLEMS[number];
    super(title);
    this.number = number;
    this.status = status;
    this.extras = extras;
    this.headers = headers;
    this.reasons = reasons;
  }
}

/** The media type of every error (RFC 9457 §3). */
export const PROBLEM_TYPE = 'application/problem+json';

/** What a problem says wherever it is told of: the same words each time. */
export function problemWords(number: ProblemNumber) {
  const [, title, detail] = PROBLEMS[number];
  return { type: `https://astra.netapp.io/problems/${number}`, title, detail };
}

/**
 * The body of a problem.
 *
 * @param correlationId the id of the request, as the log has it: a UUID
 */
export function problemBody({ number, status, extras }: Problem, correlationId: string) {
  return {
    ...problemWords(number),
    status: String(status),
    correlationID: correlationId,
    ...extras,
  };
}

export const invalidParams = (reasons: readonly Reason[]) => new Problem(5, { extras: { invalidParams: reasons } });
export const unsupportedParams = (reasons: readonly Reason[]) => new Problem(6, { extras: { invalidParams: reasons } });
export const schemaFailure = (failure: string) => new Problem(8, { extras: { schemaValidationFailure: failure } });
export const invalidFields = (fields: readonly Reason[]) => new Problem(9, { extras: { invalidFields: fields } });
export const conflictingFields = (fields: readonly Reason[]) => new Problem(10, { extras: { invalidFields: fields } });
export const invalidHeader = (reason: Reason) => new Problem(12, { extras: { invalidParams: [reason] } });
/** @param allow the methods that there are, as the Allow header lists them (RFC 9110 §10.2.1) */
export const methodNotSupported = (allow: string) => new Problem(69, { headers: { allow } });
