import type { CompleteDraft, Drafted, Keypairs, Placement, Problem } from '../../keypairs/index.ts';
import {
  belongTogether,
  type CertificateFacts,
  orderForKey,
  readCertificates,
  wordLimit,
  writeCertificates,
} from '../../x509/index.ts';
import { type FieldProblem, invalidObject, nameNotUnique } from './errors.ts';
import type { ImportContent } from './import-content.ts';
import type { Container } from './tenancy.ts';
import { weaknessOf } from './weak-keys.ts';

/** What an import is to be stored as. */
export interface WantedImport extends ImportContent {
  readonly name: string;
  readonly container: Container;
}

/**
 * Examines an import: the certificate of the private key comes first, and is strong enough.
 *
 * @param allowWeak takes keys of any strength
 * @throws {Refusal} 400 naming the field, 409 for a name that is taken
 */
export async function draftImport(
  keypairs: Pick<Keypairs, 'draft'>,
  placement: Placement,
  wanted: WantedImport,
  allowWeak: boolean,
): Promise<CompleteDraft> {
  const { name, certificates: certificate, privateKey } = wanted;
  const draft = complete(await keypairs.draft(placement, { name, certificate, privateKey }), wanted);
  const ordered = orderedText(draft, wanted);
  const sound =
    ordered === undefined
      ? draft
      : complete({ ...(await keypairs.draft(placement, { certificate: ordered })) }, wanted, draft);
  if (!allowWeak) {
    refuseWeak(sound.certificate.facts);
  }
  return sound;
}

function complete({ draft, problems }: Drafted, wanted: WantedImport, rest: object = {}): CompleteDraft {
  if (problems.some(({ code }) => code === 'NAME_TAKEN')) {
    throw nameNotUnique(wanted.name, wanted.container);
  }
  if (problems.length > 0) {
    throw invalidObject(problems.map((problem) => wordProblem(problem, wanted)));
  }
  return { ...rest, ...draft } as CompleteDraft;
}

function wordProblem({ code, reason, limit }: Problem, { keyField }: WantedImport): FieldProblem {
  const [field, text] = {
    NAME_TAKEN: ['name', 'is taken'],
    NAME_TOO_LONG: ['name', 'is too long'],
    NOT_A_CERTIFICATE: ['certificate_file', 'is not a certificate'],
    NOT_A_PRIVATE_KEY: [keyField, 'holds no private key that is sound'],
  }[code] as [string, string];
  const words = limit === undefined ? text : `must have no more than ${wordLimit(limit)}`;
  return { field, text: words, ...(reason === undefined ? {} : { reason }) };
}

/**
 * The certificates with the private key's own first; undefined where it is that already.
 *
 * @throws {Refusal} 400 where none of them is
 */
function orderedText(
  { certificate, privateKey }: CompleteDraft,
  { certificates, keyField }: WantedImport,
): string | undefined {
  if (!privateKey || belongTogether(certificate, privateKey)) {
    return undefined;
  }
  const ordered = orderForKey(readCertificates(certificates), privateKey);
  if (ordered === null) {
    throw invalidObject([{ field: keyField, text: 'is not the private key of the certificate' }]);
  }
  return writeCertificates(ordered);
}

/** @throws {Refusal} 400 */
function refuseWeak(facts: CertificateFacts): void {
  const weakness = weaknessOf(facts);
  if (weakness !== undefined) {
    throw invalidObject([{ field: 'certificate_file', text: weakness }]);
  }
}
