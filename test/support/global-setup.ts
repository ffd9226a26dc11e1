import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/database/embedded/index.ts';
import { migrate } from '../../src/database/migrate.ts';
import { urlOfDatabase } from './database-url.ts';
import { assertNoSecrets } from './leaks/scan.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that this run's databases are made on. */
    serverUrl: string;
    /** A migrated, empty database: each test's own is a copy of it. */
    templateName: string;
    /** Where the logs of this run's servers are kept until its end, and the secrets that must not be in them. */
    logDirectory: string;
  }
}

const silent = { info() {}, warn() {}, error() {} };

/** One PostgreSQL for the whole run: the embedded one, or the server that DATABASE_URL names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await obtainServer(process.env['DATABASE_URL']);
  const templateName = `certkeep_template_${randomUUID().replaceAll('-', '')}`;
  await administer(server.url, `CREATE DATABASE ${templateName}`);
  await migrate(urlOfDatabase(server.url, templateName));
  project.provide('serverUrl', server.url);
  project.provide('templateName', templateName);
  const logDirectory = await mkdtemp(join(tmpdir(), 'certkeep-logs-'));
  project.provide('logDirectory', logDirectory);
  return async () => {
    await administer(server.url, `DROP DATABASE ${templateName}`);
    await server.stop();
    try {
      await assertNoSecrets(logDirectory);
    } catch (error) {
      // Vitest tells of an error here, and takes the run for good.
      process.exitCode = 1;
      throw error;
    } finally {
      await rm(logDirectory, { recursive: true });
    }
  };
}

async function obtainServer(url: string | undefined): Promise<{ url: string; stop(): Promise<void> }> {
  if (url !== undefined && url !== '') {
    return { url, stop: async () => {} };
  }
  const dataDirectory = await mkdtemp(join(tmpdir(), 'certkeep-test-'));
  // As root, PostgreSQL runs as another user, who must be able to enter.
  await chmod(dataDirectory, 0o755);
  const embedded = await startEmbeddedPostgres({ dataDirectory, log: silent });
  await doWithoutSafety(embedded.url);
  return {
    url: embedded.url,
    async stop() {
      await embedded.stop();
      await rm(dataDirectory, { recursive: true, force: true });
      await rm(embedded.clusterDirectory, { recursive: true, force: true });
    },
  };
}

/**
 * What is in this run's own server need not outlive the machine: no test waits for its disk. Whatever is said of durability is shown on
 * servers that a test starts for itself, with the settings that Certkeep's users get.
 */
async function doWithoutSafety(url: string): Promise<void> {
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    await administer(url, `ALTER SYSTEM SET ${setting} = off`);
  }
  await administer(url, 'SELECT pg_reload_conf()');
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
