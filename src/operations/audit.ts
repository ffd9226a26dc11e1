import {
  type AuditKeys,
  type AuditLog,
  type AuditTrail,
  auditSealer,
  auditTrail,
  type BatchRepository,
  batchRepository,
  dropBatches,
  type EventAction,
  eventRepository,
  type Finding,
  generateAuditKey,
  type Head,
  parseAuditKeys,
  retentionRepository,
  type Verification,
  verifyTrail,
} from '../audit/index.ts';
import type { Config } from '../config.ts';
import type { Database, Lease } from '../database/index.ts';
import { obtainSecretFile, readSecretFile } from './secret-file.ts';

/** The audit trail of an open store. */
export interface Audit {
  readonly trail: AuditTrail;
  /** For a server: from now on, this process seals events where no other does. */
  startSealing(tickMs?: number): void;
  /** @throws {StoreUnavailable} */
  verify(heads: readonly Head[], found: (finding: Finding) => void): Promise<Verification>;
  /** The last batch; undefined where there is none. */
  head(): Promise<Head | undefined>;
  /**
   * Drops all batches of events older than that.
   *
   * @returns how many
   */
  prune(days: number): Promise<number>;
  close(): Promise<void>;
}

export interface AuditOptions {
  readonly database: Database;
  /** Held by the process that seals. */
  readonly lease: Lease;
  readonly keys: AuditKeys;
  readonly config: Pick<Config, 'auditLog' | 'auditRetentionDays'>;
  /** Told of each event that is written. */
  readonly onEvent?: (action: EventAction) => void;
  readonly log: AuditLog;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export function openAudit({ database, lease, keys, config, onEvent, log }: AuditOptions): Audit {
  const retention = retentionRepository(database);
  const batches = batchRepository(database);
  const { auditLog: linesTo, auditRetentionDays: retentionDays } = config;
  const sealer = auditSealer({ batches, retention, lease, keys, linesTo, retentionDays, log });
  return {
    trail: auditTrail(eventRepository(database), keys.current, onEvent),
    startSealing(tickMs) {
      // A database that is away is told of by whoever seals.
      warnOfStrangeKey(batches, keys, log).catch((err: unknown) =>
        log.debug({ err }, 'the key of the last batch is not known'),
      );
      sealer.start(tickMs);
    },
    verify: (heads, found) => verifyTrail({ database, keys, heads, found }),
    head: () => batches.head(),
    prune: (days) =>
      dropBatches({ repository: retention, keys, log }, new Date(Date.now() - days * DAY_MS), Number.POSITIVE_INFINITY),
    close: () => sealer.close(),
  };
}

/**
 * Warns where the last batch was sealed with none of these keys: a server that was given others than the rest writes what they can neither
 * seal nor verify, and nothing else would say so before an audit.
 *
 * @throws {StoreUnavailable}
 */
export async function warnOfStrangeKey(
  batches: Pick<BatchRepository, 'lastKeyId'>,
  keys: AuditKeys,
  log: Pick<AuditLog, 'warn'>,
): Promise<void> {
  const keyId = await batches.lastKeyId();
  if (keyId !== undefined && keys.all.every(({ id }) => id !== keyId)) {
    log.warn(
      { auditKey: keyId },
      'the last batch of audit events was sealed with a key that this server does not have, be it lost or another server’s; all servers of a database need the same audit keys',
    );
  }
}

/**
 * The audit key of an embedded store: of a file beside the data, which is made where it is missing. One that is lost takes no private key
 * with it, so that the server starts without it too.
 */
export async function obtainAuditKeys(path: string, database: Database, log: AuditLog): Promise<AuditKeys> {
  if ((await readSecretFile(path)) === undefined && (await batchRepository(database).holdsEvents())) {
    log.error(
      { path },
      'the audit key is lost: a new one is made, and the events so far can not be verified without the old one',
    );
  }
  return parseAuditKeys(await obtainSecretFile(path, generateAuditKey));
}
