import type { TokenRefusedCode } from '../../access/index.ts';
import { KeypairRefused, MAX_NAME_BYTES, type Problem, type ProblemCode } from '../../keypairs/index.ts';
import { type CannotIssue, wordLimit } from '../../x509/index.ts';
import type { FieldProblem } from './fields.ts';

/** The one place where this dialect words its errors. Bodies and statuses are those of contract §1.2, §1.4, §1.8 and §2. */

export type ErrorBody = Readonly<Record<string, unknown>> | readonly string[];

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that a handler throws: the request ends with it. */
export class Refusal extends Error implements ErrorAnswer {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly body: ErrorBody;
  /** By field, for the log: what exactly is wrong with a text of which the answer only says that it is. Never secret. */
  readonly reasons: Readonly<Record<string, string>>;

  constructor(status: number, body: ErrorBody, reasons: Readonly<Record<string, string>> = {}) {
    super(`refused with ${status}`);
    this.status = status;
    this.body = body;
    this.reasons = reasons;
  }
}

export const detail = (text: string) => ({ detail: text });

export const notFound = () => new Refusal(404, detail('Not found.'));
export const eventNotFound = () => new Refusal(404, detail('No Event matches the given query.'));
export const invalidPage = () => new Refusal(404, detail('Invalid page.'));
export const notAcceptable = () => new Refusal(406, detail('Could not satisfy the request Accept header.'));
export const methodNotAllowed = (method: string) => new Refusal(405, detail(`Method "${method}" not allowed.`));
export const unsupportedMediaType = (contentType: string) =>
  new Refusal(415, detail(`Unsupported media type "${contentType}" in request.`));
export const malformedJson = (problem: string) => new Refusal(400, detail(`JSON parse error - ${problem}`));
export const noData = () => new Refusal(400, { non_field_errors: ['No data provided'] });
export const notADictionary = (type: string) =>
  new Refusal(400, { non_field_errors: [`Invalid data. Expected a dictionary, but got ${type}.`] });
export const nullCharactersInSearch = () => new Refusal(400, ['Null characters are not allowed.']);
export const unnameableDownload = () =>
  new Refusal(
    400,
    detail('The name of this pair holds control characters and can not name a file. View it without "download".'),
  );

/**
 * Every problem in one answer, by the field or the filter that has it.
 *
 * @param reasons for the log
 */
export function invalidFields(
  problems: ReadonlyMap<string, string>,
  reasons: ReadonlyMap<string, string> = new Map(),
): Refusal {
  const body = Object.fromEntries([...problems].map(([field, text]) => [field, [text]]));
  return new Refusal(400, body, Object.fromEntries(reasons));
}

/** What Django REST framework says of a field (contract §1.2, §1.4). */
export function wordFieldProblem(problem: FieldProblem): string {
  switch (problem.code) {
    case 'REQUIRED':
      return 'This field is required.';
    case 'NULL':
      return 'This field may not be null.';
    case 'BLANK':
      return 'This field may not be blank.';
    case 'NOT_A_STRING':
      return 'Not a valid string.';
    case 'NULL_CHARACTERS':
      return 'Null characters are not allowed.';
    case 'NOT_AN_INTEGER':
      return 'A valid integer is required.';
    case 'STRING_TOO_LARGE':
      return 'String value too large.';
    case 'NOT_A_CHOICE':
      return `"${problem.given}" is not a valid choice.`;
    case 'NOT_A_BOOLEAN':
      return 'Must be a valid boolean.';
    case 'NOT_A_SLUG':
      return 'Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.';
    case 'TOO_LONG':
      return `Ensure this field has no more than ${problem.limit} characters.`;
    case 'NOT_A_TIME':
      return 'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].';
    case 'NOT_A_LIST':
      return `Expected a list of items but got type "${problem.type}".`;
    case 'NOT_A_PK':
      return `Incorrect type. Expected pk value, received ${problem.type}.`;
  }
}

/** Which field of a body a problem belongs to, and what is said of it. */
export type Wording = Readonly<Record<ProblemCode, readonly [field: string, text: string]>>;

const NAME_TOO_LONG = `Ensure this field has no more than ${MAX_NAME_BYTES} bytes.`;

/** Of a pair's own fields. */
export const KEYPAIR_WORDING: Wording = {
  NAME_TAKEN: ['name', 'Certificate-Key Pair with this name already exists.'],
  NAME_TOO_LONG: ['name', NAME_TOO_LONG],
  NOT_A_CERTIFICATE: ['certificate_data', 'Unable to load certificate.'],
  NOT_A_PRIVATE_KEY: ['key_data', 'Unable to load private key (possibly encrypted?).'],
};

/** Which field a problem belongs to, and what is said of it. */
export function wordProblem({ code, limit }: Problem, wording: Wording): readonly [field: string, text: string] {
  const [field, text] = wording[code];
  return [field, limit === undefined ? text : `Ensure this field has no more than ${wordLimit(limit)}.`];
}

/** Why, by field, where there is more to say than a field's words. */
export function reasonsOf(problems: readonly Problem[], wording: Wording): Map<string, string> {
  return new Map(
    problems.flatMap(({ code, reason }) => (reason === undefined ? [] : [[wording[code][0], reason] as const])),
  );
}

/** Of the fields of a generation, whose name is the common name. */
export const GENERATE_WORDING: Wording = {
  ...KEYPAIR_WORDING,
  NAME_TAKEN: ['common_name', 'This field must be unique.'],
  NAME_TOO_LONG: ['common_name', NAME_TOO_LONG],
};

export const TOO_MANY_NAMES = 'Too many names.';
export const NAMES_TOO_LONG = 'The names together are too long for a certificate.';

type Issuing = readonly [field: string, text: string];

/** Why a certificate can't be issued, where a caller can mend it: the issuer's name is ours. */
export const ISSUING_WORDING: Readonly<Partial<Record<CannotIssue['code'], Issuing>>> = {
  COMMON_NAME_EMPTY: ['common_name', 'This field may not be blank.'],
  COMMON_NAME_TOO_LONG: ['common_name', 'The first 64 characters of this field must have no more than 64 bytes.'],
  TEXT_NOT_UNICODE: ['common_name', 'Not a valid string.'],
  SUBJECT_ALT_NAME_EMPTY: ['subject_alt_name', 'This field may not be blank.'],
  SUBJECT_ALT_NAME_NOT_ASCII: ['subject_alt_name', 'Only ASCII characters are allowed.'],
  SUBJECT_ALT_NAME_OF_NO_KIND: [
    'subject_alt_name',
    'Each name must be an IP address, a URI, an e-mail address or a DNS name.',
  ],
  SUBJECT_ALT_NAMES_TOO_MANY: ['subject_alt_name', TOO_MANY_NAMES],
  CERTIFICATE_TOO_LARGE: ['subject_alt_name', NAMES_TOO_LONG],
  VALIDITY_TOO_SHORT: ['validity_days', 'Ensure this value is greater than or equal to -1.'],
  VALIDITY_TOO_LONG: ['validity_days', 'The certificate must not expire after the year 9999.'],
};

export function refusalOf(problems: readonly Problem[], wording: Wording): Refusal {
  return invalidFields(new Map(problems.map((problem) => wordProblem(problem, wording))), reasonsOf(problems, wording));
}

/**
 * Lets an act's problems with fields read in other words than a pair's own.
 *
 * @throws {Refusal} in place of the domain's refusal
 */
export async function wordingKeypairProblems<T>(wording: Wording, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof KeypairRefused ? refusalOf(error.problems, wording) : error;
  }
}

/** Of a token's fields. */
export const TOKEN_WORDING: Readonly<Record<TokenRefusedCode, readonly [field: string, text: string]>> = {
  IDENTIFIER_TAKEN: ['identifier', 'Token with this identifier already exists.'],
  IDENTIFIER_MALFORMED: ['identifier', 'Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.'],
  USERNAME_MALFORMED: ['username', 'Ensure this field has no more than 150 characters.'],
  EXPIRY_PAST: ['expires', 'Ensure this time is in the future.'],
  KEYPAIR_UNKNOWN: ['permissions', 'A keypair that is named here does not exist.'],
};

/** What of a token stays as it is. */
export const UNCHANGEABLE = {
  identifier: 'Identifier cannot be changed',
  user: 'User cannot be changed',
  username: 'User cannot be changed',
} as const;

export const unknownPk = (pk: string) => `Invalid pk "${pk}" - object does not exist.`;
