import { hkdfSync } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { generateToken, type Tokens, tokenRepository, tokenService } from '../access/index.ts';
import {
  type AuditTrail,
  auditKeyOf,
  auditTrail,
  type EventQueries,
  eventQueries,
  eventRepository,
} from '../audit/index.ts';
import { bootstrapTokenSchema, type Config } from '../config.ts';
import {
  type Database,
  type EmbeddedPostgres,
  migrate,
  openDatabase,
  startEmbeddedPostgres,
} from '../database/index.ts';
import {
  chainWork,
  generationQueue,
  type Keypairs,
  keypairRepository,
  keypairService,
  openX509Worker,
  searchTurns,
} from '../keypairs/index.ts';
import { generateKek, kekRepository, openKeyRing, parseKek } from '../sealing/index.ts';
import { StartRefused } from './errors.ts';
import { obtainSecretFile, readSecretFile } from './secret-file.ts';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The open store: the database, brought up to date, and the services on it. */
export interface Store {
  readonly keypairs: Keypairs;
  readonly tokens: Tokens;
  readonly events: EventQueries;
  readonly trail: AuditTrail;
  /** Whether the database answers. */
  isReady(): Promise<boolean>;
  /** What a person at the terminal should know. */
  readonly notices: readonly string[];
  /** Refuses what waits for its turn, so that what runs can end. */
  beginClosing(): void;
  /** The file that holds the first token; undefined where the operator gave one. */
  readonly tokenFile: string | undefined;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly config: Config;
  readonly log: Log;
}

/**
 * Opens the store: starts the embedded database unless another is configured, migrates it, and unlocks the sealed keys.
 *
 * @throws {StartRefused} saying what to do
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { config, log } = options;
  const kek = config.kek === undefined ? undefined : parseKek(config.kek);
  if (config.databaseUrl !== undefined) {
    return openExternal(options, config.databaseUrl, kek);
  }
  const embedded = await startEmbeddedPostgres({ dataDirectory: config.dataDirectory, log });
  try {
    return await openEmbedded(options, embedded, kek);
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

/** Here the KEK and the first token are made where they are missing, beside the data. */
async function openEmbedded(
  options: StoreOptions,
  embedded: EmbeddedPostgres,
  given: Buffer | undefined,
): Promise<Store> {
  const { dataDirectory, bootstrapToken } = options.config;
  const { log } = options;
  await migrate(embedded.url, { log: options.log });
  const kekFile = join(dataDirectory, 'kek');
  const store = await assemble(options, embedded.url, async (storeIsNew) => {
    if (given !== undefined) {
      return given;
    }
    // A new key beside old data would open nothing, and could be taken for the lost one.
    const kek = storeIsNew ? await obtainSecretFile(kekFile, generateKek) : await readSecretFile(kekFile);
    if (kek === undefined) {
      throw new StartRefused('KEK_LOST', kekFile);
    }
    await warnOfReaders(kekFile, log);
    return parseKek(kek);
  });
  const tokenFile = join(dataDirectory, 'token');
  const token = bootstrapToken ?? (await obtainSecretFile(tokenFile, generateToken));
  if (!bootstrapTokenSchema.safeParse(token).success) {
    throw new StartRefused('TOKEN_FILE_UNUSABLE', tokenFile);
  }
  await putBootstrapToken(store.tokens, token, options.log);
  return {
    ...store,
    notices: embedded.notices,
    tokenFile: bootstrapToken === undefined ? tokenFile : undefined,
    async close() {
      await store.close();
      await embedded.stop();
    },
  };
}

async function openExternal(options: StoreOptions, url: string, kek: Buffer | undefined): Promise<Store> {
  const { migrationDatabaseUrl = url, bootstrapToken } = options.config;
  if (kek === undefined) {
    throw new StartRefused('KEK_MISSING');
  }
  await migrate(migrationDatabaseUrl, { log: options.log });
  const store = await assemble(options, url, async () => kek);
  if (bootstrapToken !== undefined) {
    await putBootstrapToken(store.tokens, bootstrapToken, options.log);
  }
  return { ...store, notices: [], tokenFile: undefined };
}

/** @param obtainKek gives the key-encryption key; a store that is new has none yet */
async function assemble(
  { config, log }: StoreOptions,
  url: string,
  obtainKek: (storeIsNew: boolean) => Promise<Buffer>,
) {
  const database = openDatabase({
    url,
    poolSize: config.databasePoolSize,
    timeoutMs: config.databaseTimeoutMs,
    preparedStatements: config.preparedStatements,
    log,
  });
  try {
    await refuseOtherEncodings(database);
    const keks = kekRepository(database);
    const kek = await obtainKek((await keks.list()).length === 0);
    const queue = generationQueue({ slots: config.keyGenerationSlots, length: config.keyGenerationQueueLength });
    const searches = searchTurns({ connections: config.databasePoolSize, patienceMs: config.databaseTimeoutMs });
    const worker = openX509Worker();
    const chains = chainWork({
      worker,
      onRefusal: (error) => log.warn({ err: error }, 'a chain of certificates is stored without its description'),
    });
    // MERGE: the audit part's trail, with its own key, takes this one's place.
    const trail = auditTrail(
      eventRepository(database),
      auditKeyOf(new Uint8Array(hkdfSync('sha256', kek, '', 'certkeep audit', 32))),
    );
    const tokens = tokenService({ repository: tokenRepository(database), trail, log });
    const keypairs = keypairService({
      repository: keypairRepository(database),
      keyRing: await openKeyRing(keks, [kek]),
      queue,
      searches,
      chains,
    });
    return {
      keypairs,
      trail,
      events: eventQueries(database, { turns: searches, retentionDays: 0 }),
      tokens,
      isReady: () => answers(database),
      beginClosing() {
        queue.close();
        searches.close();
        chains.beginClosing();
      },
      async close() {
        await tokens.close();
        await Promise.all([worker.close(), database.close()]);
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function putBootstrapToken(tokens: Tokens, token: string, log: Log): Promise<void> {
  const outcome = await tokens.putBootstrap(token);
  if (outcome === 'replaced') {
    log.warn({}, 'the bootstrap token is another one than before; the earlier one is no longer let in');
  }
  if (outcome === 'revoked') {
    log.warn({}, 'the bootstrap token was revoked and is not let in; another one in its place would be');
  }
  if (outcome === 'taken') {
    throw new StartRefused('TOKEN_TAKEN');
  }
}

async function warnOfReaders(path: string, log: Log): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    log.warn({ path }, 'other users can read the key-encryption key; make it theirs no more with: chmod 600');
  }
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
