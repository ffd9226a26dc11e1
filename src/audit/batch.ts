import { createHash } from 'node:crypto';
import type { AuditKey, AuditKeys } from './audit-key.ts';
import { checkMac, type MacVerdict, macOf } from './mac.ts';

/** A batch of sealed events: a link of the chain. */
export interface Batch {
  /** From 1, without gaps. */
  readonly number: bigint;
  /** Of the batch before; of the first, {@link NO_MAC}. */
  readonly previousMac: Uint8Array;
  readonly eventCount: number;
  /** SHA-256 over its events, see {@link batchDigest}. */
  readonly digest: Uint8Array;
  readonly macKeyId: string;
  readonly mac: Uint8Array;
  /** ISO 8601, by the clock of the server that sealed it. */
  readonly sealedAt: string;
  /** ISO 8601: the newest event's time. */
  readonly newestAt: string;
}

/** That a retention dropped a batch's events. */
export interface BatchDrop {
  /** ISO 8601. */
  readonly droppedAt: string;
  readonly macKeyId: string;
  readonly mac: Uint8Array;
}

/** The end of the chain, by which a cut of its tail is found. */
export interface Head {
  readonly number: bigint;
  readonly mac: Uint8Array;
}

/** What stands before the first batch. */
export const NO_MAC: Uint8Array = new Uint8Array(32);

/** As the log and the commands print a head, and `--head` takes it. */
export function formatHead({ number, mac }: Head): string {
  return `${number}:${Buffer.from(mac).toString('hex')}`;
}

/** Reads what {@link formatHead} wrote; undefined for any other text. */
export function parseHead(text: string): Head | undefined {
  const [, number, mac] = /^([1-9]\d{0,17}):([0-9a-f]{64})$/i.exec(text) ?? [];
  return number === undefined || mac === undefined
    ? undefined
    : { number: BigInt(number), mac: new Uint8Array(Buffer.from(mac, 'hex')) };
}

/** SHA-256 over the events of a batch, one after the other: bounded memory, however many there are. */
export interface BatchDigest {
  /** Events come in the order of their ids. The name of the key too: else an edited event could say that its key is not at hand. */
  add(event: { readonly id: string; readonly macKeyId: string; readonly mac: Uint8Array }): void;
  result(): Uint8Array;
}

export function batchDigest(): BatchDigest {
  const hash = createHash('sha256').update('certkeep batch digest 1\0');
  return {
    add({ id, macKeyId, mac }) {
      // No text of PostgreSQL holds a NUL.
      hash
        .update(Buffer.from(id.replaceAll('-', ''), 'hex'))
        .update(mac)
        .update(`${macKeyId}\0`);
    },
    result: () => new Uint8Array(hash.digest()),
  };
}

export function macOfBatch(key: AuditKey, batch: Omit<Batch, 'mac' | 'macKeyId'>): Uint8Array<ArrayBuffer> {
  const { number, previousMac, eventCount, digest, sealedAt, newestAt } = batch;
  return macOf(key, 'certkeep batch 1', [String(number), previousMac, String(eventCount), digest, sealedAt, newestAt]);
}

export function checkBatch(keys: AuditKeys, batch: Batch): MacVerdict {
  return checkMac(keys, batch, (key) => macOfBatch(key, batch));
}

export function macOfDrop(key: AuditKey, batch: Head, droppedAt: string): Uint8Array<ArrayBuffer> {
  return macOf(key, 'certkeep batch drop 1', [String(batch.number), batch.mac, droppedAt]);
}

export function checkDrop(keys: AuditKeys, batch: Head, drop: BatchDrop): MacVerdict {
  return checkMac(keys, drop, (key) => macOfDrop(key, batch, drop.droppedAt));
}
