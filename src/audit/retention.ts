import type { AuditKeys } from './audit-key.ts';
import { type Batch, batchDigest, checkBatch, macOfDrop } from './batch.ts';
import { checkEvent } from './event-mac.ts';
import { sameMac } from './mac.ts';
import type { RetentionRepository } from './retention-repository.ts';

export interface RetentionOptions {
  readonly repository: RetentionRepository;
  readonly keys: AuditKeys;
  readonly log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** Batches that are looked at in one go. */
const PAGE = 100;

/**
 * Drops whole batches whose newest event is older than a moment: their events go, the batch stays as a link of the chain, and a record
 * of the drop tells it from a deletion. A batch that was tampered with is evidence, and stays. So does one whose key is not at hand: that
 * name and its times are then anybody's word, and the record of the drop would vouch for them.
 *
 * @param limit how many batches at most
 * @returns how many were dropped
 * @throws pg's error where the database's role may not delete events
 */
export async function dropBatches(options: RetentionOptions, before: Date, limit: number): Promise<number> {
  const { repository, keys, log } = options;
  let dropped = 0;
  let after = 0n;
  while (dropped < limit) {
    const batches = await repository.kept(after, Math.min(PAGE, limit - dropped));
    for (const batch of batches) {
      after = batch.number;
      if (checkBatch(keys, batch) !== 'right' || !(await holdsItsEvents(options, batch))) {
        log.error(
          { batch: String(batch.number) },
          'an audit batch was tampered with, or its key is not at hand: it is kept',
        );
        continue;
      }
      // The chain is in the order of time, but for what clocks differ by.
      if (Date.parse(batch.newestAt) >= before.getTime()) {
        return dropped;
      }
      await drop(options, batch);
      dropped++;
    }
    if (batches.length === 0) {
      return dropped;
    }
  }
  return dropped;
}

async function drop({ repository, keys, log }: RetentionOptions, batch: Batch): Promise<void> {
  const droppedAt = new Date().toISOString();
  const mac = macOfDrop(keys.current, batch, droppedAt);
  await repository.drop(batch.number, { droppedAt, macKeyId: keys.current.id, mac });
  log.info({ batch: String(batch.number), events: batch.eventCount }, 'dropped the events of an old audit batch');
}

async function holdsItsEvents({ repository, keys }: RetentionOptions, batch: Batch): Promise<boolean> {
  const digest = batchDigest();
  const events = await repository.eventsOf(batch.number, batch.eventCount + 1);
  for (const event of events) {
    digest.add(event);
  }
  return (
    events.length === batch.eventCount &&
    sameMac(digest.result(), batch.digest) &&
    events.every((event) => checkEvent(keys, event) === 'right')
  );
}
