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
import { type Database, openDatabase, openLease } from '../database/index.ts';
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
  TRUST_WATCH_LEASE,
  type TrustStore,
  trustRepository,
  trustStore,
  watchTrust,
} from '../keypairs/index.ts';
import {
  type KekAdministration,
  keepPresent,
  kekAdministration,
  kekRepository,
  openKeyRing,
  sealingFirst,
  thisInstance,
  wrapRepository,
} from '../sealing/index.ts';
import { type Audit, openAudit } from './audit.ts';
import { continuationTexts } from './continuations.ts';
import { StartRefused } from './errors.ts';
import { kekEvents } from './kek-events.ts';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Key-encryption keys, 32 bytes each. */
export type Keks = readonly [Buffer, ...Buffer[]];

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
  /** Makes the tokens by which lists are continued. */
  readonly continuations: AuthenticatedTexts;
  /** Whether the database answers. */
  isReady(): Promise<boolean>;
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
  /** By which trust is judged; the system's clock unless it is given. */
  readonly now?: (() => Date) | undefined;
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
    return await openServices(options, database, sources);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openServices(
  { config, log, isServer, auditKeys, now = () => new Date() }: AssembleOptions,
  database: Database,
  { obtainKeks, obtainAuditKeys }: KeySources,
): Promise<Services> {
  const keks = kekRepository(database);
  const given = await obtainKeks((await keks.list()).length === 0);
  const instance = isServer ? thisInstance() : undefined;
  const keyRing = await openKeyRing(keks, given, instance);
  const presence = instance && keepPresent({ repository: keks, ring: keyRing, instance, log });
  const keys = auditKeys ?? (await obtainAuditKeys(database, sealingFirst(await keks.list(), given)));
  const audit = openAudit({
    database,
    lease: openLease(database, { ...SEALER_LEASE, holder: randomUUID() }),
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
  const watch = isServer
    ? watchTrust({ trust, lease: openLease(database, { ...TRUST_WATCH_LEASE, holder: randomUUID() }), log })
    : undefined;
  return {
    keypairs: keypairService({ repository, keyRing, queue, searches, chains, trail }),
    trust,
    work,
    tokens,
    accounts: accountService({ repository: accountRepository(database), trail }),
    keks: kekAdministration({ keks, wraps: wrapRepository(database), ring: keyRing, tell: kekEvents(trail) }),
    audit,
    events: eventQueries(database, { turns: searches, retentionDays: config.auditRetentionDays }),
    continuations: continuationTexts(keys),
    isReady: () => answers(database),
    beginClosing() {
      queue.close();
      turns.close();
      searches.close();
      chains.beginClosing();
      work.beginClosing();
    },
    async close() {
      await presence?.close();
      await watch?.close();
      await tokens.close();
      await audit.close();
      await Promise.all([worker.close(), database.close()]);
    },
  };
}

/** Names and subjects are Unicode, and a database of another encoding refuses some of them only when they come. */
async function refuseOtherEncodings(database: Database): Promise<void> {
  const rows = await database.query<{ server_encoding: string }>('SHOW server_encoding', []);
  if (rows[0]?.server_encoding !== 'UTF8') {
    throw new StartRefused('DATABASE_ENCODING');
  }
}

async function answers(database: Database): Promise<boolean> {
  try {
    await database.query('SELECT 1', []);
    return true;
  } catch {
    return false;
  }
}
