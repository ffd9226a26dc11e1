import type { FastifyRequest } from 'fastify';
import { visibleIn } from '../../access/index.ts';
import {
  type CertificateView,
  type KeypairId,
  KeypairNotFound,
  type Placement,
  SignerGone,
} from '../../keypairs/index.ts';
import { type CertificateAuthority, openAuthority } from '../../x509/index.ts';
import { type FieldProblem, invalidObject } from './errors.ts';
import { problemOf } from './generate-problems.ts';
import type { Services } from './route.ts';
import { weaknessOf } from './weak-keys.ts';

/** A stored CA that is to sign; without its key, which is opened only where it is needed. */
export interface Signer {
  readonly id: KeypairId;
  readonly placement: Placement;
}

/** Who is to sign. Neither a signer nor a problem: the certificate by itself. */
export interface Signing {
  readonly signer: Signer | null;
  /** The signer, opened. */
  readonly authority: CertificateAuthority | null;
  /** What keeps the one that was asked for from signing. */
  readonly problems: readonly FieldProblem[];
}

type Needed = Pick<Services, 'keypairs' | 'allowWeak' | 'now'>;

const BY_ITSELF: Signing = { signer: null, authority: null, problems: [] };

/**
 * The CA of a name, in the container of what it is to sign and among those that the caller sees, opened.
 *
 * @param name `''` for none
 * @throws {SignerGone} where it was deleted since it was found
 * @throws {SealingError} where its texts do not open
 */
export async function signingBy(
  name: string,
  request: FastifyRequest,
  services: Needed,
  placement: Placement,
): Promise<Signing> {
  if (name === '') {
    return BY_ITSELF;
  }
  const visible = visibleIn(request.caller, 'strata.certificates.list');
  const filter = { name, ...(visible === undefined ? {} : { ids: [...visible] }) };
  const page = { limit: 1, offset: 0 };
  const [found] = (await services.keypairs.listCertificates(placement, filter, [], page)).certificates;
  if (found === undefined) {
    return unfit('there is no such certificate in this container');
  }
  const obstacle = obstacleOf(found, services);
  if (obstacle !== undefined) {
    return unfit(obstacle);
  }
  const signer = { id: found.id, placement };
  const opened = await open(signer, services);
  return 'field' in opened ? { ...BY_ITSELF, problems: [opened] } : { signer, authority: opened, problems: [] };
}

/**
 * Opens a signer for its signature, as late as can be: no key lies open while another one waits for its turn.
 *
 * @throws {SignerGone} where it was deleted since it was found, or the caller sees it no more
 * @throws {Refusal} where it can't sign after all
 */
export async function reopen(signer: Signer, request: FastifyRequest, services: Needed): Promise<CertificateAuthority> {
  if (visibleIn(request.caller, 'strata.certificates.list')?.has(signer.id) === false) {
    throw new SignerGone();
  }
  const opened = await open(signer, services);
  if ('field' in opened) {
    throw invalidObject([opened]);
  }
  return opened;
}

async function open({ id, placement }: Signer, { keypairs }: Needed): Promise<CertificateAuthority | FieldProblem> {
  const { certificate, privateKey } = await keypairs.openForUse(placement, id).catch((error: unknown) => {
    throw error instanceof KeypairNotFound ? new SignerGone() : error;
  });
  try {
    return openAuthority(certificate, privateKey ?? '');
  } catch (error) {
    return problemOf(error);
  }
}

function unfit(text: string): Signing {
  return { ...BY_ITSELF, problems: [{ field: 'signed_by', text }] };
}

/** What is seen without the key. */
function obstacleOf(found: CertificateView, { allowWeak, now }: Needed): string | undefined {
  const { isCa, hasPrivateKey } = found;
  if (!isCa) {
    return 'is not a CA';
  }
  if (!hasPrivateKey) {
    return 'its private key is not stored here';
  }
  if (found.notAfter < now()) {
    return 'has expired';
  }
  return allowWeak ? undefined : weaknessOf(found);
}
