import {
  BeyondLimits,
  containsPrivateKey,
  holdsOnlyCertificates,
  type LoadedCertificate,
  type LoadedPrivateKey,
  loadCertificate,
  loadPrivateKey,
  X509Error,
} from '../x509/index.ts';
import { KeypairRefused, type Problem } from './errors.ts';
import type { KeypairId, Placement } from './keypair.ts';
import { hasUniqueNames, isNameTooLong } from './name.ts';
import type { KeypairRepository } from './repository.ts';

/** What a caller wants stored; what is absent stays as it is. */
export interface KeypairFields {
  readonly name?: string | undefined;
  /** PEM, kept byte for byte. */
  readonly certificate?: string | undefined;
  /** PEM, kept byte for byte; `''` means no private key. */
  readonly privateKey?: string | undefined;
}

/** Fields that were found sound, with what was read from them, so that nothing is parsed twice. */
export interface Draft {
  readonly name?: string;
  readonly certificate?: LoadedCertificate & {
    readonly text: string;
    /** The text is more than certificates, could therefore hold a private key in some form, and is sealed whole. */
    readonly sealed: boolean;
    /** It does hold one in a form that we know: viewing the text is viewing that. */
    readonly holdsKey: boolean;
  };
  /** null means no private key. */
  readonly privateKey?: (LoadedPrivateKey & { readonly text: string }) | null;
}

/** A draft that can be stored as a new keypair. */
export type CompleteDraft = Draft & Required<Pick<Draft, 'name' | 'certificate'>>;

export interface Drafted {
  readonly draft: Draft;
  /** Everything that is wrong, in the order of the fields; empty where the draft may be stored. */
  readonly problems: readonly Problem[];
}

/**
 * Examines fields before they are stored, all of them, so that a caller learns of every problem at once.
 *
 * @param except the keypair that is being changed, whose own name is free to it
 */
export async function draftKeypair(
  repository: KeypairRepository,
  placement: Placement,
  fields: KeypairFields,
  except?: KeypairId,
): Promise<Drafted> {
  const problems: Problem[] = [];
  const draft: { -readonly [Field in keyof Draft]: Draft[Field] } = {};
  if (fields.name !== undefined) {
    const problem = await nameProblem(repository, placement, fields.name, except);
    if (problem === undefined) {
      draft.name = fields.name;
    } else {
      problems.push(problem);
    }
  }
  if (fields.certificate !== undefined) {
    const certificate = readCertificate(fields.certificate);
    if ('code' in certificate) {
      problems.push(certificate);
    } else {
      draft.certificate = certificate;
    }
  }
  if (fields.privateKey !== undefined) {
    const privateKey = fields.privateKey === '' ? null : readPrivateKey(fields.privateKey);
    if (privateKey !== null && 'code' in privateKey) {
      problems.push(privateKey);
    } else {
      draft.privateKey = privateKey;
    }
  }
  return { draft, problems };
}

/**
 * What was drafted, where nothing is wrong with it.
 *
 * @throws {KeypairRefused}
 */
export function sound({ draft, problems }: Drafted): Draft {
  if (problems.length > 0) {
    throw new KeypairRefused(problems);
  }
  return draft;
}

/** What is wrong with a name, if anything. That it is free now does not keep another writer from taking it first. */
async function nameProblem(
  repository: KeypairRepository,
  placement: Placement,
  name: string,
  except?: KeypairId,
): Promise<Problem | undefined> {
  if (isNameTooLong(name)) {
    return { code: 'NAME_TOO_LONG' };
  }
  const isTaken = hasUniqueNames(placement.realm) && (await repository.isNameTaken(placement, name, except));
  return isTaken ? { code: 'NAME_TAKEN' } : undefined;
}

function readCertificate(text: string): NonNullable<Draft['certificate']> | Problem {
  try {
    const certificate = loadCertificate(text);
    const sealed = !holdsOnlyCertificates(text, certificate.der);
    return { ...certificate, text, sealed, holdsKey: containsPrivateKey(text) };
  } catch (error) {
    return unreadable('NOT_A_CERTIFICATE', error);
  }
}

function readPrivateKey(text: string): NonNullable<Draft['privateKey']> | Problem {
  try {
    return { ...loadPrivateKey(text), text };
  } catch (error) {
    return unreadable('NOT_A_PRIVATE_KEY', error);
  }
}

/** @throws whatever was no refusal of a text */
function unreadable(code: 'NOT_A_CERTIFICATE' | 'NOT_A_PRIVATE_KEY', error: unknown): Problem {
  if (!(error instanceof X509Error)) {
    throw error;
  }
  return { code, reason: error.message, ...(error instanceof BeyondLimits ? { limit: error.limit } : {}) };
}
