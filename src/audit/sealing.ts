import type { AuditKeys } from './audit-key.ts';
import { type Batch, batchDigest, formatHead, type Head, macOfBatch, NO_MAC } from './batch.ts';
import type { BatchRepository } from './batch-repository.ts';
import type { StoredEvent } from './event.ts';
import type { EventLines } from './event-lines.ts';
import { checkEvent } from './event-mac.ts';
import { sameMac } from './mac.ts';

export interface AuditLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface SealingOptions {
  readonly repository: BatchRepository;
  readonly keys: AuditKeys;
  readonly lines?: EventLines | undefined;
  readonly log: AuditLog;
  /** Events in a batch, at most. */
  readonly batchSize?: number;
}

/** What came of looking at a page of the queue. */
export interface SealedPage {
  /** The last id that was looked at; undefined where the end of the queue was reached. */
  readonly last: string | undefined;
}

const BATCH_SIZE = 500;
/** Events that are named when they can't be sealed; whoever made more of them is known well enough. */
const NAMED = 1000;

/** Seals a page of the queue into a batch. */
export function pageSealer({ repository, keys, lines, log, batchSize = BATCH_SIZE }: SealingOptions) {
  const named = new Set<string>();
  let known: Head | undefined;

  /** What this process saw of the chain's end, somebody who has the database alone can't make it forget. */
  function watchHead(head: Head | undefined): void {
    const isCut = known !== undefined && (head === undefined || head.number < known.number);
    const isAnother = known !== undefined && head?.number === known.number && !sameMac(head.mac, known.mac);
    if (known !== undefined && (isCut || isAnother)) {
      log.error(
        { sealed: formatHead(known), found: head && formatHead(head) },
        'the end of the chain of audit batches is not the one that was sealed: it was cut off or changed',
      );
    }
    known = head;
  }

  function isSealable(event: StoredEvent): boolean {
    const verdict = checkEvent(keys, event);
    if (verdict !== 'right' && !named.has(event.id) && named.size < NAMED) {
      named.add(event.id);
      if (verdict === 'wrong') {
        log.error({ event: event.id }, 'an audit event is not as it was written: it is not sealed');
      } else {
        log.warn(
          { event: event.id },
          'an audit event was written with a key that is not at hand: it is not sealed here',
        );
      }
    }
    return verdict === 'right';
  }

  async function writeLines(batch: Batch, events: readonly StoredEvent[]): Promise<void> {
    try {
      await lines?.write(batch, events);
    } catch (error) {
      log.error({ err: error, batch: String(batch.number) }, 'the audit events of a batch could not be handed on');
    }
  }

  /** @param after the id that the page comes after */
  return async function sealPage(after: string): Promise<SealedPage> {
    // Before the queue: if somebody seals in between, our batch has a number that is taken.
    const head = await repository.head();
    watchHead(head);
    const waiting = await repository.unsealed(after, batchSize);
    const events = waiting.filter(isSealable);
    if (events.length > 0) {
      const batch = makeBatch(keys, head, events);
      await repository.seal(
        batch,
        events.map(({ id }) => id),
      );
      known = batch;
      const { number, mac } = batch;
      const fields = { batch: String(number), mac: Buffer.from(mac).toString('hex'), events: events.length };
      log.info(fields, 'sealed a batch of audit events');
      await writeLines(batch, events);
    }
    return { last: waiting.length < batchSize ? undefined : waiting.at(-1)?.id };
  };
}

function makeBatch(keys: AuditKeys, head: Head | undefined, events: readonly StoredEvent[]): Batch {
  const digest = batchDigest();
  let newestAt = '';
  for (const event of events) {
    digest.add(event);
    newestAt = event.createdAt > newestAt ? event.createdAt : newestAt;
  }
  const unsigned = {
    number: (head?.number ?? 0n) + 1n,
    previousMac: head?.mac ?? NO_MAC,
    eventCount: events.length,
    digest: digest.result(),
    sealedAt: new Date().toISOString(),
    newestAt,
  };
  return { ...unsigned, macKeyId: keys.current.id, mac: macOfBatch(keys.current, unsigned) };
}
