import { createHash } from 'node:crypto';
import type { KeypairId } from '../keypair.ts';
import { CertificateBroken, CertificateExpired } from './errors.ts';
import type { CaCertificate, TrustEntryChange, TrustState } from './trust-entry.ts';
import type { StoredEntry, ToldEntryChanges } from './trust-repository.ts';
import { stateAt } from './trust-state.ts';

/** What a change makes of an entry, and whether it may be. */

/**
 * The state of an entry once it is changed (contract §4).
 *
 * @throws {CertificateBroken} where somebody wants to trust a certificate that is not the one that was stored
 * @throws {CertificateExpired} where what is desired of an expired certificate would change
 */
export function stateAfter(id: KeypairId, current: StoredEntry, change: TrustEntryChange, at: Date): TrustState {
  const { certificate, desired = current.desired } = change;
  const isIntact = certificate === undefined ? current.isIntact : true;
  const notAfter = certificate === undefined ? current.notAfter : certificate.facts.notAfter;
  const state = stateAt({ isIntact, notAfter, desired }, at);
  if (!isIntact && change.desired === 'trusted') {
    throw new CertificateBroken(id);
  }
  if (state === 'expired' && desired !== current.desired) {
    throw new CertificateExpired(id);
  }
  return state;
}

/** When a change is said to have been: now; where that is the second of the change before, in the next one. */
export function laterThan(before: Date, now: Date): Date {
  const nextSecond = (Math.floor(before.getTime() / 1000) + 1) * 1000;
  return new Date(Math.max(now.getTime(), nextSecond));
}

/** The columns that a change is stored in, beside those of the keypair. */
export function columnsOf(change: TrustEntryChange): ToldEntryChanges['entry'] {
  const { use, statedSelfSigned, desired, resourceVersion, labels, certificate } = change;
  return {
    ...(use === undefined ? {} : { certificateUse: use }),
    ...(statedSelfSigned === undefined ? {} : { statedSelfSigned }),
    ...(desired === undefined ? {} : { desiredState: desired }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(labels === undefined ? {} : { labels }),
    ...(certificate === undefined ? {} : { textSha256: digestOf(certificate) }),
  };
}

/** SHA-256 of a certificate's text, by which it is known to be the one that was stored. */
export function digestOf({ text }: CaCertificate): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text, 'utf8').digest());
}
