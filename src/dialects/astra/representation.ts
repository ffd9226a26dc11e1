import { entityTagOf, type Validators } from '../../http/index.ts';
import type { TrustEntry } from '../../keypairs/index.ts';
import { renderCertificate } from './render.ts';

/** A certificate as it is sent, whatever media type it is sent as. */
export interface Representation extends Validators {
  /** JSON in UTF-8. */
  readonly body: Buffer;
}

/** What an entry of a trust store is sent as, and told by (contract §1). */
export function representationOf(entry: TrustEntry): Representation {
  const body = Buffer.from(JSON.stringify(renderCertificate(entry)));
  return { body, entityTag: entityTagOf(body), lastModified: lastModifiedOf(entry) };
}

/**
 * When the representation became what it is: an entry that nobody writes changes by itself when its certificate expires. When one broke,
 * nobody knows.
 */
function lastModifiedOf({ isIntact, state, notAfter, updatedAt }: TrustEntry): Date | undefined {
  if (!isIntact) {
    return undefined;
  }
  // Valid through its last second; in whole ones, which headers have, it is another one from the next on.
  return state === 'expired' ? new Date(Math.max(updatedAt.getTime(), notAfter.getTime() + 1000)) : updatedAt;
}
