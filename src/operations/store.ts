import { join } from 'node:path';
import { generateToken, type Tokens, tokenRepository, tokenService } from '../access/index.ts';
import type { Config } from '../config.ts';
import {
  type Database,
  type EmbeddedPostgres,
  migrate,
  openDatabase,
  prepareDataDirectory,
  startEmbeddedPostgres,
} from '../database/index.ts';
import { generationQueue, type Keypairs, keypairRepository, keypairService } from '../keypairs/index.ts';
import { generateKek, kekRepository, openKeyRing, parseKek } from '../sealing/index.ts';
import { StartRefused } from './errors.ts';
import { obtainSecretFile } from './secret-file.ts';

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
  /** Whether the database answers. */
  isReady(): Promise<boolean>;
  /** What a person at the terminal should know. */
  readonly notices: readonly string[];
  /** The file that holds the first token; undefined where the operator gave one. */
  readonly tokenFile: string | undefined;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly config: Config;
  readonly log: Log;
  /** Ours; certificates that are generated name it in their issuer. */
  readonly version: string;
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
  await prepareDataDirectory(config.dataDirectory);
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
  await migrate(embedded.url, { log: options.log });
  const kek = given ?? parseKek(await obtainSecretFile(join(dataDirectory, 'kek'), generateKek));
  const store = await assemble(options, embedded.url, kek);
  const tokenFile = join(dataDirectory, 'token');
  const token = bootstrapToken ?? (await obtainSecretFile(tokenFile, generateToken));
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
  const store = await assemble(options, url, kek);
  if (bootstrapToken !== undefined) {
    await putBootstrapToken(store.tokens, bootstrapToken, options.log);
  }
  return { ...store, notices: [], tokenFile: undefined };
}

async function assemble({ config, log, version }: StoreOptions, url: string, kek: Buffer) {
  const database = openDatabase({
    url,
    poolSize: config.databasePoolSize,
    timeoutMs: config.databaseTimeoutMs,
    preparedStatements: config.preparedStatements,
    log,
  });
  try {
    const keypairs = keypairService({
      repository: keypairRepository(database),
      keyRing: await openKeyRing(kekRepository(database), [kek]),
      queue: generationQueue({ slots: config.keyGenerationSlots, length: config.keyGenerationQueueLength }),
      issuerCommonName: `Certkeep ${version}`,
      now: () => new Date(),
    });
    const tokens = tokenService(tokenRepository(database));
    return { keypairs, tokens, isReady: () => answers(database), close: () => database.close() };
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
  if (outcome === 'taken') {
    throw new StartRefused('TOKEN_TAKEN');
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
