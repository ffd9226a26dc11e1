import type { Database } from '../database/index.ts';
import type { AuditKeys } from './audit-key.ts';
import type { Head } from './batch.ts';
import { verifyChain } from './chain-verification.ts';
import { checkEvent } from './event-mac.ts';
import { type Finding, finding } from './finding.ts';
import { inSnapshot, type LooseEvent, type TrailReader } from './trail-repository.ts';

/** What was verified. */
export interface Verification {
  /** The last batch; undefined where there is none. */
  readonly head: Head | undefined;
  readonly batches: number;
  /** Events in batches, without those that were dropped. */
  readonly sealedEvents: number;
  readonly unsealedEvents: number;
}

export interface VerifyOptions {
  readonly database: Database;
  readonly keys: AuditKeys;
  /** Heads that were told elsewhere, by which a cut of the tail is found. */
  readonly heads?: readonly Head[];
  readonly now?: Date;
  /** Told each finding when it is found: there may be more than fit into memory. */
  found(finding: Finding): void;
}

/** Much more than an outage of the sealers takes that nobody noticed. */
const SEALED_WITHIN_MS = 60 * 60 * 1000;

/**
 * Verifies the whole audit trail as of one moment, in bounded memory.
 *
 * @throws {StoreUnavailable}
 */
export function verifyTrail({
  database,
  keys,
  heads = [],
  now = new Date(),
  found,
}: VerifyOptions): Promise<Verification> {
  return inSnapshot(database, async (reader) => {
    const chain = await verifyChain(reader, { keys, heads, found });
    let unsealedEvents = 0;
    for await (const event of reader.looseEvents()) {
      unsealedEvents++;
      verifyLoose(event, keys, now, found);
    }
    await verifyQueue(reader, found);
    return { ...chain, unsealedEvents };
  });
}

function verifyLoose(event: LooseEvent, keys: AuditKeys, now: Date, found: (finding: Finding) => void): void {
  const verdict = checkEvent(keys, event);
  const about = { event: event.id };
  if (verdict === 'wrong') {
    found(finding('event-edited', about));
  } else if (verdict === 'unknown-key') {
    found(finding('key-missing', about));
  }
  if (!event.isQueued) {
    found(finding('event-inserted', about));
  } else if (!(now.getTime() - Date.parse(event.createdAt) <= SEALED_WITHIN_MS)) {
    found(finding('event-unsealed', about));
  }
}

async function verifyQueue(reader: TrailReader, found: (finding: Finding) => void): Promise<void> {
  for await (const { eventId, hasEvent } of reader.idleQueueRows()) {
    found(finding(hasEvent ? 'queue-of-sealed-event' : 'queue-without-event', { event: eventId }));
  }
}
