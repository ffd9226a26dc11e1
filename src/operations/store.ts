import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { generateToken, type Tokens } from '../access/index.ts';
import { deriveAuditKeys } from '../audit/index.ts';
import type { Config } from '../config.ts';
import { attachEmbeddedPostgres, type EmbeddedPostgres, migrate, startEmbeddedPostgres } from '../database/index.ts';
import { bootstrapTokenSchema } from '../environment.ts';
import { generateKek, parseKeks } from '../sealing/index.ts';
import { assemble, type Log, type Services } from './assemble.ts';
import { obtainAuditKeys } from './audit.ts';
import { StartRefused } from './errors.ts';
import { type GivenKeys, givenKeys, type Keks } from './given-keys.ts';
import { obtainSecretFile, readSecretFile } from './secret-file.ts';

export type { Log } from './assemble.ts';

/** The open store: the database, brought up to date, and the services on it. */
export interface Store extends Services {
  /** What a person at the terminal should know. */
  readonly notices: readonly string[];
  /** The file that holds the first token; undefined where the operator gave one. */
  readonly tokenFile: string | undefined;
}

export interface StoreOptions {
  readonly config: Config;
  readonly log: Log;
  /**
   * Opens it for a command and not for a server: where a server's embedded PostgreSQL runs, on that one; no rotation waits for this process,
   * and the first token is left as it is, which the server may have been given otherwise.
   */
  readonly attach?: boolean;
  /** By which trust and expiry are judged. Unless it is given, the system's clock judges trust, and the database's expiry. */
  readonly now?: (() => Date) | undefined;
  /** How long a server waits between its looks at what expires. */
  readonly expiryIntervalMs?: number | undefined;
}

/**
 * Opens the store: starts the embedded database unless another is configured, migrates it, and unlocks the sealed keys.
 *
 * @throws {StartRefused} saying what to do
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { config, log } = options;
  const given = givenKeys(config);
  if (config.databaseUrl !== undefined) {
    return openExternal(options, config.databaseUrl, given);
  }
  const { dataDirectory } = config;
  const attached = options.attach === true ? await attachEmbeddedPostgres({ dataDirectory }) : undefined;
  const embedded = attached ?? (await startEmbeddedPostgres({ dataDirectory, log }));
  try {
    return await openEmbedded(options, embedded, given);
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

/** Here the KEK, the audit key and the first token are made where they are missing, beside the data. */
async function openEmbedded(
  { config, log, attach = false, now, expiryIntervalMs }: StoreOptions,
  embedded: EmbeddedPostgres,
  { keks, auditKeys }: GivenKeys,
): Promise<Store> {
  const { dataDirectory } = config;
  await migrate(embedded.url, { log });
  const services = await assemble({ config, log, isServer: !attach, auditKeys, now, expiryIntervalMs }, embedded.url, {
    obtainKeks: async (storeIsNew) => keks ?? (await readOrMakeKeks(join(dataDirectory, 'kek'), storeIsNew, log)),
    obtainAuditKeys: (database) => obtainAuditKeys(join(dataDirectory, 'audit-key'), database, log),
  });
  const tokenFile = attach ? undefined : await putFirstToken(config, services.tokens, log);
  return {
    ...services,
    notices: embedded.notices,
    tokenFile,
    async close() {
      await services.close();
      await embedded.stop();
    },
  };
}

async function readOrMakeKeks(file: string, storeIsNew: boolean, log: Log): Promise<Keks> {
  // A new key beside old data would open nothing, and could be taken for the lost one.
  const keks = storeIsNew ? await obtainSecretFile(file, generateKek) : await readSecretFile(file);
  if (keks === undefined) {
    throw new StartRefused('KEK_LOST', file);
  }
  await warnOfReaders(file, log);
  return parseKeks(keks);
}

/** @returns the file that holds it; undefined where the operator gave it */
async function putFirstToken(config: Config, tokens: Tokens, log: Log): Promise<string | undefined> {
  const { dataDirectory, bootstrapToken } = config;
  const tokenFile = join(dataDirectory, 'token');
  const token = bootstrapToken ?? (await obtainSecretFile(tokenFile, generateToken));
  if (!bootstrapTokenSchema.safeParse(token).success) {
    throw new StartRefused('TOKEN_FILE_UNUSABLE', tokenFile);
  }
  await putBootstrapToken(tokens, token, log);
  return bootstrapToken === undefined ? tokenFile : undefined;
}

async function openExternal(
  { config, log, attach = false, now, expiryIntervalMs }: StoreOptions,
  url: string,
  { keks, auditKeys }: GivenKeys,
): Promise<Store> {
  const { migrationDatabaseUrl = url, bootstrapToken } = config;
  if (keks === undefined) {
    throw new StartRefused('KEK_MISSING');
  }
  await migrate(migrationDatabaseUrl, { log });
  const services = await assemble({ config, log, isServer: !attach, auditKeys, now, expiryIntervalMs }, url, {
    obtainKeks: async () => keks,
    obtainAuditKeys: async (_database, sealingFirst) => deriveAuditKeys(sealingFirst),
  });
  if (bootstrapToken !== undefined && !attach) {
    await putBootstrapToken(services.tokens, bootstrapToken, log);
  }
  return { ...services, notices: [], tokenFile: undefined };
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
