import type { AuditKeys } from './audit-key.ts';
import { type Batch, batchDigest, checkBatch, checkDrop, type Head, NO_MAC } from './batch.ts';
import { checkEvent } from './event-mac.ts';
import { type Finding, type FindingKind, finding } from './finding.ts';
import { sameMac } from './mac.ts';
import type { StoredBatch, StoredMember, TrailReader } from './trail-repository.ts';

export interface ChainOptions {
  readonly keys: AuditKeys;
  readonly heads: readonly Head[];
  found(finding: Finding): void;
}

/** What the members of a batch add up to. */
interface Contents {
  readonly count: number;
  readonly digest: Uint8Array;
}

/** Verifies the chain of batches from its first link to its last, each with its events. */
export async function verifyChain(
  reader: Pick<TrailReader, 'batches' | 'members'>,
  { keys, heads, found }: ChainOptions,
) {
  const members = memberQueue(reader.members()[Symbol.asyncIterator](), { keys, found });
  let head: Head | undefined;
  let batches = 0;
  let sealedEvents = 0;
  for await (const batch of reader.batches()) {
    batches++;
    verifyLink(batch, head, found);
    tellVerdict(checkBatch(keys, batch), 'batch-edited', { batch: batch.number }, found);
    verifyHeads(batch, heads, found);
    const contents = await members.takeOf(batch.number);
    sealedEvents += contents.count;
    verifyContents(batch, contents, { keys, found });
    head = { number: batch.number, mac: batch.mac };
  }
  await members.takeRest();
  for (const given of heads) {
    if (given.number > (head?.number ?? 0n)) {
      found(finding('head-missing', { batch: given.number }));
    }
  }
  return { head, batches, sealedEvents };
}

function verifyLink(batch: Batch, previous: Head | undefined, found: ChainOptions['found']): void {
  const expected = (previous?.number ?? 0n) + 1n;
  if (batch.number !== expected) {
    found(finding('batch-removed', { batch: expected }));
  } else if (!sameMac(batch.previousMac, previous?.mac ?? NO_MAC)) {
    found(finding('batch-link-broken', { batch: batch.number }));
  }
}

function verifyHeads(batch: Batch, heads: readonly Head[], found: ChainOptions['found']): void {
  if (heads.some(({ number, mac }) => number === batch.number && !sameMac(mac, batch.mac))) {
    found(finding('head-differs', { batch: batch.number }));
  }
}

function verifyContents(batch: StoredBatch, contents: Contents, { keys, found }: Omit<ChainOptions, 'heads'>): void {
  const about = { batch: batch.number };
  if (batch.drop === null) {
    if (contents.count !== batch.eventCount || !sameMac(contents.digest, batch.digest)) {
      found(finding('batch-contents-changed', about));
    }
    return;
  }
  tellVerdict(checkDrop(keys, batch, batch.drop), 'drop-forged', about, found);
  if (contents.count > 0) {
    found(finding('drop-incomplete', about));
  }
}

function tellVerdict(
  verdict: ReturnType<typeof checkBatch>,
  kind: FindingKind,
  about: { readonly batch?: bigint; readonly event?: string },
  found: ChainOptions['found'],
): void {
  if (verdict !== 'right') {
    found(finding(verdict === 'wrong' ? kind : 'key-missing', about));
  }
}

/** Members by batch, as they come: batches and members are read beside each other, in the same order. */
function memberQueue(members: AsyncIterator<StoredMember>, { keys, found }: Omit<ChainOptions, 'heads'>) {
  let next: IteratorResult<StoredMember> | undefined;

  async function peek(): Promise<StoredMember | undefined> {
    next ??= await members.next();
    return next.done === true ? undefined : next.value;
  }

  /** Those of batches that are not there. */
  async function takeOrphansBefore(number: bigint | undefined): Promise<void> {
    for (let member = await peek(); member !== undefined; member = await peek()) {
      if (number !== undefined && member.batchNumber >= number) {
        return;
      }
      next = undefined;
      found(finding('member-without-batch', { batch: member.batchNumber, event: member.eventId }));
    }
  }

  function verifyMember({ batchNumber, eventId, event }: StoredMember): void {
    const about = { batch: batchNumber, event: eventId };
    if (event === null) {
      found(finding('event-removed', about));
    } else {
      tellVerdict(checkEvent(keys, event), 'event-edited', about, found);
    }
  }

  return {
    async takeOf(number: bigint): Promise<Contents> {
      await takeOrphansBefore(number);
      const digest = batchDigest();
      let count = 0;
      for (let member = await peek(); member?.batchNumber === number; member = await peek()) {
        next = undefined;
        verifyMember(member);
        if (member.event !== null) {
          count++;
          digest.add(member.event);
        }
      }
      return { count, digest: digest.result() };
    },
    takeRest: () => takeOrphansBefore(undefined),
  };
}
