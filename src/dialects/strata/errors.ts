import { TokenInvalid } from '../../access/index.ts';
import type { KeypairInUse } from '../../keypairs/index.ts';

/** How this dialect answers errors: the envelope and the table of contract §9. What errors of other folders become stands in error-answers.ts. */

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

/** A token that is longer than any: counted and told as any other that is not let in. */
export class KeyTooLong extends TokenInvalid {}

/**
 * An answer in the envelope that every status has.
 *
 * @param requestId a UUID, as the log has it
 */
export function envelope({ code, message, errorType, details }: ErrorAnswer, requestId: string) {
  return {
    _errors: [{ code, message, details: { errorType, message: details }, help: '' }],
    _request_id: requestId,
  };
}
