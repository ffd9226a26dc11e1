import { randomUUID } from 'node:crypto';
import {
  type Accounts,
  accountRepository,
  accountService,
  type Tokens,
  tokenRepository,
  tokenService,
} from '../access/index.ts';
import { type AuditKeys, type EventQueries, eventQueries, SEALER_LEASE } from '../audit/index.ts';
import type { Config } from '../config.ts';
import { type Database, missingMigrations, openDatabase, openLease } from '../database/index.ts';
import type { AuthenticatedTexts } from '../http/index.ts';
import {
  accountTurns,
  chainWork,
  generationQueue,
  type Keypairs,
  keypairRepository,
  keypairService,
  openX509Worker,
  type PassphraseWork,
  passphraseWork,
  searchTurns,
  type TrustStore,
  trustRepository,
  trustStore,
} from '../keypairs/index.ts';
import {
  type KekAdministration,
  type KeyRing,
  keepPresent,
  kekAdministration,
  kekRepository,
  openKeyRing,
  sealingFirst,
  thisInstance,
  wrapRepository,
} from '../sealing/index.ts';
import { type Audit, openAudit } from './audit.ts';
import { type Backups, backups } from './backup/index.ts';
import { continuationTexts } from './continuations.ts';
import { StartRefused } from './errors.ts';
import { expiryRepository } from './expiry/expiry-repository.ts';
import type { Keks } from './given-keys.ts';
import { kekEvents } from './kek-events.ts';
import { type Metrics, metricsRepository, openMetrics } from './metrics/index.ts';
import { openReadiness, type Readiness } from './readiness.ts';
import { beginScheduledWork } from './scheduled-work.ts';
import { type WebhookAdministration, webhookAdministration } from './webhooks/administration.ts';
import { webhookRepository } from './webhooks/webhook-repository.ts';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where keys come from that are not in the database. */
export interface KeySources {
  /** Gives the key-encryption keys; a store that is new has none yet. */
  obtainKeks(storeIsNew: boolean): Promise<Keks>;
  /**
   * Gives the audit keys where the operator gave none.
   *
   * @param keks the one that seals first
   */
  obtainAuditKeys(database: Database, keks: readonly [Uint8Array, ...Uint8Array[]]): Promise<AuditKeys>;
}

/** The services on an open database. */
export interface Services {
  readonly keypairs: Keypairs;
  readonly trust: TrustStore;
  readonly work: PassphraseWork;
  readonly tokens: Tokens;
  readonly accounts: Accounts;
  readonly keks: KekAdministration;
  readonly audit: Audit;
  readonly events: EventQueries;
  readonly webhooks: WebhookAdministration;
  /** Makes the tokens by which lists are continued. */
  readonly continuations: AuthenticatedTexts;
  readonly backups: Backups;
  readonly metrics: Metrics;
  /** Whether this process can serve, and is not about to end. */
  isReady(): Promise<boolean>;
  /** Says from now on that the process is about to end, while it serves on: what stands before it shall turn to others. */
  beginDraining(): void;
  isDraining(): boolean;
  /** Refuses what waits for its turn, so that what runs can end. */
  beginClosing(): void;
  close(): Promise<void>;
}

export interface AssembleOptions {
  readonly config: Config;
  readonly log: Log;
  /** Whether a rotation of KEKs waits for this process: it does for a server, not for a command. */
  readonly isServer: boolean;
  /** Given by the operator. */
  readonly auditKeys: AuditKeys | undefined;
  /** By which trust and expiry are judged. Unless it is given, the system's clock judges trust, and the database's expiry. */
  readonly now?: (() => Date) | undefined;
  /** How long a server waits between its looks at what expires. */
  readonly expiryIntervalMs?: number | undefined;
}

/**
 * Opens a migrated database, unlocks what is sealed in it, and puts the services together.
 *
 * @param url postgresql://…
 * @throws {StartRefused} where the database's encoding is not UTF-8
 * @throws {SealingError} where the keys don't fit
 */
export async function assemble(options: AssembleOptions, url: string, sources: KeySources): Promise<Services> {
  const { config, log } = options;
  const database = openDatabase({
    url,
    poolSize: config.databasePoolSize,
    timeoutMs: config.databaseTimeoutMs,
    preparedStatements: config.preparedStatements,
    log,
  });
  try {
    await refuseOtherEncodings(database);
    return await openServices(options, database, sources, url);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openServices(
  { config, log, isServer, auditKeys, now: givenNow, expiryIntervalMs }: AssembleOptions,
  database: Database,
  { obtainKeks, obtainAuditKeys }: KeySources,
  url: string,
): Promise<Services> {
  const now = givenNow ?? (() => new Date());
  const keks = kekRepository(database);
  const given = await obtainKeks((await keks.list()).length === 0);
  const instance = isServer ? thisInstance() : undefined;
  const keyRing = await openKeyRing(keks, given, instance);
  const presence = instance && keepPresent({ repository: keks, ring: keyRing, instance, log });
  const keys = auditKeys ?? (await obtainAuditKeys(database, sealingFirst(await keks.list(), given)));
  const metrics = openMetrics();
  const leaseOf = (lease: { readonly name: string; readonly durationMs: number }) =>
    metrics.watchLease(openLease(database, { ...lease, holder: randomUUID() }), lease);
  const audit = openAudit({
    database,
    lease: leaseOf(SEALER_LEASE),
    onEvent: metrics.onEvent,
    keys,
    config,
    log,
  });
  const { trail } = audit;
  const tokens = tokenService({ repository: tokenRepository(database), trail, log });
  const queue = generationQueue({ slots: config.keyGenerationSlots, length: config.keyGenerationQueueLength });
  const searches = searchTurns({ connections: config.databasePoolSize, patienceMs: config.databaseTimeoutMs });
  const worker = openX509Worker();
  const chains = chainWork({
    worker,
    onRefusal: (error) => log.warn({ err: error }, 'a chain of certificates is stored without its description'),
  });
  const work = passphraseWork(worker);
  const repository = keypairRepository(database);
  const turns = accountTurns({ patienceMs: config.databaseTimeoutMs });
  const trust = trustStore({
    repository: trustRepository(database),
    keyRing,
    trail,
    searches,
    turns,
    now,
    log,
  });
  const keypairs = keypairService({ repository, keyRing, queue, searches, chains, trail });
  const outbox = webhookRepository(database);
  const watches = expiryRepository(database);
  const scheduled = isServer
    ? beginScheduledWork({
        ...{ config, keypairs, trust, trail, watches, outbox, metrics, leaseOf, log },
        now: givenNow,
        expiryIntervalMs,
      })
    : undefined;
  const readiness = readinessOf(database, keyRing, { timeoutMs: config.databaseTimeoutMs, log });
  const { certificates } = config.metrics;
  metrics.show({ database, queue, searches, readiness, repository: metricsRepository(database), certificates, log });
  return {
    keypairs,
    trust,
    work,
    tokens,
    accounts: accountService({ repository: accountRepository(database), trail }),
    keks: kekAdministration({ keks, wraps: wrapRepository(database), ring: keyRing, tell: kekEvents(trail) }),
    audit,
    events: eventQueries(database, { turns: searches, retentionDays: config.auditRetentionDays }),
    webhooks: webhookAdministration({ repository: outbox, webhook: config.webhook }),
    continuations: continuationTexts(keys),
    backups: backups({ url: directUrl(config, url), keks: given, auditKeys: keys, trail }),
    metrics,
    isReady: readiness.isReady,
    beginDraining: readiness.beginDraining,
    isDraining: readiness.isDraining,
    beginClosing() {
      scheduled?.beginClosing();
      queue.close();
      turns.close();
      searches.close();
      chains.beginClosing();
      work.beginClosing();
    },
    async close() {
      await presence?.close();
      await scheduled?.close();
      await tokens.close();
      await audit.close();
      await Promise.all([worker.close(), database.close()]);
    },
  };
}

/** Where a transaction may take long, past the pooler of DATABASE_URL if one is there. */
function directUrl({ databaseUrl, migrationDatabaseUrl }: Config, url: string): string {
  return databaseUrl === undefined ? url : (migrationDatabaseUrl ?? url);
}

/** Names and subjects are Unicode, and a database of another encoding refuses some of them only when they come. */
async function refuseOtherEncodings(database: Database): Promise<void> {
  const rows = await database.query<{ server_encoding: string }>('SHOW server_encoding', []);
  if (rows[0]?.server_encoding !== 'UTF8') {
    throw new StartRefused('DATABASE_ENCODING');
  }
}

/** A primary that was demoted answers too, until its connections are broken. */
const TAKES_WRITES = "SELECT 1 WHERE current_setting('transaction_read_only') = 'off'";

function readinessOf(
  database: Database,
  keyRing: Pick<KeyRing, 'opensCanary'>,
  options: { readonly timeoutMs: number; readonly log: Log },
): Readiness {
  const missing = missingMigrations(database);
  const checks = {
    database: async () => (await database.query(TAKES_WRITES, [])).length === 1,
    migrations: async () => (await missing()).length === 0,
    canary: () => keyRing.opensCanary(),
  };
  return openReadiness({ checks, ...options });
}
