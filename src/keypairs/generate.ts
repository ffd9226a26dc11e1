import {
  type AuthentikRequest,
  CannotIssue,
  checkAuthentikRequest,
  generateKeyPair,
  issueAuthentikProfile,
  type KeyAlgorithm,
} from '../x509/index.ts';
import { type CompleteDraft, draftKeypair, nameProblem } from './draft.ts';
import { Abandoned, KeypairRefused, type Problem, type ProblemCode } from './errors.ts';
import type { GenerationQueue } from './generation-queue.ts';
import type { Placement } from './keypair.ts';
import type { KeypairRepository } from './repository.ts';

/** What a caller wants generated. */
export interface GenerateRequest {
  /** The keypair's name; the certificate's common name is its first 64 characters. */
  readonly name: string;
  readonly subjectAltNames: readonly string[];
  readonly validityDays: bigint;
  readonly algorithm: KeyAlgorithm;
}

export interface GenerateOptions {
  readonly repository: KeypairRepository;
  readonly queue: GenerationQueue;
  readonly issuerCommonName: string;
  readonly now: () => Date;
}

/** A certificate with more would not be read back: it is past the limits that every certificate meets. */
const MAX_SUBJECT_ALT_NAMES = 10_000;

/** Which of the caller's fields is at fault. The issuer's name is ours: if that is wrong, no caller can mend it. */
const PROBLEMS: Partial<Record<CannotIssue['code'], ProblemCode>> = {
  COMMON_NAME_EMPTY: 'COMMON_NAME_NOT_TEXT',
  COMMON_NAME_TOO_LONG: 'COMMON_NAME_TOO_LONG',
  TEXT_NOT_UNICODE: 'COMMON_NAME_NOT_TEXT',
  SUBJECT_ALT_NAME_EMPTY: 'SUBJECT_ALT_NAME_INVALID',
  SUBJECT_ALT_NAME_NOT_ASCII: 'SUBJECT_ALT_NAME_INVALID',
  VALIDITY_TOO_SHORT: 'VALIDITY_TOO_SHORT',
  VALIDITY_TOO_LONG: 'VALIDITY_TOO_LONG',
};

/**
 * Makes a key, when its turn comes, and a certificate in authentik's profile for it (contract §1.4). Nothing is stored.
 *
 * @param signal aborted when the caller leaves
 * @throws {KeypairRefused} before any key is made, where the certificate could not be issued or stored
 * @throws {Busy} where too many wait already
 * @throws {Abandoned} where the caller left
 */
export async function generateKeypair(
  { repository, queue, issuerCommonName, now }: GenerateOptions,
  placement: Placement,
  request: GenerateRequest,
  signal: AbortSignal,
): Promise<CompleteDraft> {
  const wanted: AuthentikRequest = {
    commonName: request.name,
    subjectAltNames: request.subjectAltNames,
    validityDays: Number(request.validityDays),
    issuerCommonName,
    now: now(),
  };
  const problems = [await nameProblem(repository, placement, request.name), requestProblem(wanted)];
  refuse(problems.filter((problem) => problem !== undefined));

  const keys = await queue.run(() => generateKeyPair(request.algorithm), signal);
  const issued = await issueAuthentikProfile(wanted, keys);
  // Somebody who left will not learn of the pair, and asks again under the same name.
  if (signal.aborted) {
    throw new Abandoned();
  }
  const drafted = await draftKeypair(repository, placement, { ...issued, name: request.name });
  refuse(drafted.problems);
  return drafted.draft as CompleteDraft;
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) {
    throw new KeypairRefused(problems);
  }
}

function requestProblem(request: AuthentikRequest): Problem | undefined {
  if (request.subjectAltNames.length > MAX_SUBJECT_ALT_NAMES) {
    return { code: 'SUBJECT_ALT_NAMES_TOO_MANY' };
  }
  try {
    checkAuthentikRequest(request);
    return undefined;
  } catch (error) {
    const code = error instanceof CannotIssue ? PROBLEMS[error.code] : undefined;
    if (code === undefined) {
      throw error;
    }
    return { code };
  }
}
