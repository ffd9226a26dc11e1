import type { TrustEntry } from '../../keypairs/index.ts';
import { problemWords } from './errors.ts';
import { CERTIFICATE_TYPE } from './schemas.ts';

/** What a client may ask for (contract §4): that certificates expire is nobody's choice, so it stands in no transition. */
export const TRANSITIONS = [
  { from: 'untrusted', to: ['trusted'] },
  { from: 'trusted', to: ['untrusted'] },
] as const;

/** It is trusted by nobody, as who tries is answered. No other type of a detail is known of certificates (contract §2). */
export const BROKEN = problemWords(109);

/** The resource (contract §2), its members always in this order. */
export function renderCertificate(entry: TrustEntry) {
  return {
    type: CERTIFICATE_TYPE,
    version: entry.resourceVersion,
    id: entry.id,
    certUse: entry.use,
    cert: Buffer.from(entry.certificate, 'utf8').toString('base64'),
    cn: entry.commonName,
    expiryTimestamp: formatTimestamp(entry.notAfter),
    isSelfSigned: String(entry.statedSelfSigned),
    trustState: entry.state,
    trustStateTransitions: TRANSITIONS,
    trustStateDesired: entry.desired,
    trustStateDetails: entry.isIntact ? [] : [BROKEN],
    metadata: {
      labels: entry.labels.map(({ name, value }) => ({ name, value })),
      creationTimestamp: formatTimestamp(entry.createdAt),
      modificationTimestamp: formatTimestamp(entry.updatedAt),
      createdBy: entry.createdBy,
      modifiedBy: entry.updatedBy,
    },
  };
}

/** In whole seconds: real clients fail on decimals (contract §1). */
function formatTimestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
