import { join } from 'node:path';
import { parseAuditKeys } from '../../audit/index.ts';
import type { Config } from '../../config.ts';
import { migrate, startEmbeddedPostgres } from '../../database/index.ts';
import { parseKeks } from '../../sealing/index.ts';
import type { Log } from '../assemble.ts';
import { readSecretFile } from '../secret-file.ts';
import type { KeyPlaces } from './restore-keys.ts';

/** The store that a backup is to be restored into. */
export interface RestoreTarget {
  readonly keys: KeyPlaces;
  /**
   * Makes its database reachable. Until then nothing of it is touched.
   *
   * @throws {EmbeddedPostgresError} also where a server runs on the data directory
   */
  open(): Promise<OpenTarget>;
}

export interface OpenTarget {
  /** A direct connection, as the owner. */
  readonly url: string;
  /** @throws {MigrationError} */
  migrate(): Promise<void>;
  close(): Promise<void>;
}

export interface RestoreTargetOptions {
  readonly config: Pick<Config, 'databaseUrl' | 'migrationDatabaseUrl' | 'dataDirectory' | 'kek' | 'auditKey'>;
  readonly log: Log;
  /** Where keys are put that no configured one stands for. An embedded store has places of its own. */
  readonly kekFile: string | undefined;
  readonly auditKeyFile: string | undefined;
}

/**
 * Finds the store that the server would use with this configuration, and its keys.
 *
 * @throws {KekMalformed} and {AuditKeyMalformed} where a key is none
 */
export async function restoreTarget({
  config,
  log,
  kekFile,
  auditKeyFile,
}: RestoreTargetOptions): Promise<RestoreTarget> {
  const { databaseUrl, migrationDatabaseUrl = databaseUrl, dataDirectory } = config;
  if (migrationDatabaseUrl !== undefined && databaseUrl !== undefined) {
    const keys = keysOf(config.kek, config.auditKey);
    return {
      keys: { ...keys, kekFile, auditKeyFile, derivesAuditKeys: true },
      open: async () => openTarget(migrationDatabaseUrl, log, async () => {}),
    };
  }
  const places = { kekFile: join(dataDirectory, 'kek'), auditKeyFile: join(dataDirectory, 'audit-key') };
  const kek = config.kek ?? (await readSecretFile(places.kekFile));
  const auditKey = config.auditKey ?? (await readSecretFile(places.auditKeyFile));
  return {
    keys: { ...keysOf(kek, auditKey), ...places, derivesAuditKeys: false },
    async open() {
      const { url, stop } = await startEmbeddedPostgres({ dataDirectory, log });
      return openTarget(url, log, stop);
    },
  };
}

function openTarget(url: string, log: Log, close: () => Promise<void>): OpenTarget {
  return {
    url,
    async migrate() {
      await migrate(url, { log });
    },
    close,
  };
}

function keysOf(kek: string | undefined, auditKey: string | undefined) {
  return {
    keks: kek === undefined ? undefined : parseKeks(kek),
    auditKeys: auditKey === undefined ? undefined : parseAuditKeys(auditKey),
  };
}
