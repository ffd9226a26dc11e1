/** What a verification can find. The kinds are stable: scripts tell them apart. */
export const FINDINGS = {
  'event-edited': 'is not as it was written',
  'event-removed': 'is a member of this batch and is gone',
  'event-inserted': 'is in no batch and does not wait for one',
  'event-unsealed': 'has waited for a batch for more than an hour',
  'batch-edited': 'is not as it was sealed',
  'batch-removed': 'is missing, and others come after it',
  'batch-link-broken': 'does not follow on the batch before it',
  'batch-contents-changed': 'does not hold the events that were sealed in it',
  'member-without-batch': 'is said to be in a batch that is not there',
  'drop-forged': 'was not dropped by a retention of ours',
  'drop-incomplete': 'was dropped, and events of it are there',
  'queue-without-event': 'waits for a batch and is not there',
  'queue-of-sealed-event': 'waits for a batch and is in one',
  'head-missing': 'is a head that was given, and the chain ends before it',
  'head-differs': 'is a head that was given, and the batch has another MAC',
  'key-missing': 'was authenticated with a key that is not at hand',
} as const;

export type FindingKind = keyof typeof FINDINGS;

/** How much a finding says: that somebody tampered, that nobody can say, or that something is slow. */
export type Severity = 'tampered' | 'unverifiable' | 'warning';

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** Its number. */
  readonly batch?: string;
  /** Its UUID. */
  readonly event?: string;
}

const SEVERITIES: Partial<Record<FindingKind, Severity>> = {
  'event-unsealed': 'warning',
  'key-missing': 'unverifiable',
};

/** A finding about a batch, about an event, or about an event of a batch. */
export function finding(kind: FindingKind, about: { readonly batch?: bigint; readonly event?: string }): Finding {
  return {
    kind,
    severity: SEVERITIES[kind] ?? 'tampered',
    ...(about.batch === undefined ? {} : { batch: String(about.batch) }),
    ...(about.event === undefined ? {} : { event: about.event }),
  };
}
