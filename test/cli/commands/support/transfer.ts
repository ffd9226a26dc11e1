import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { exportCommands } from '../../../../src/cli/commands/export.ts';
import { importCommands } from '../../../../src/cli/commands/import.ts';
import type { Placement } from '../../../../src/keypairs/index.ts';
import type { Store } from '../../../../src/operations/index.ts';
import { generateKek } from '../../../../src/sealing/index.ts';
import { openServices } from '../../../keypairs/support.ts';
import { createDatabase, type TestDatabase } from '../../../support/database.ts';
import { opensslPair, type PemPair } from '../../../support/openssl.ts';
import { catchingOutput } from './run.ts';

export const AUTHENTIK: Placement = { realm: 'authentik', scope: '' };

/** A store with a server's services on it, which the commands work beside, and files for them. Called once in a test file. */
export function transferring() {
  const kek = generateKek();
  const here = {} as { database: TestDatabase; server: Store; directory: string; pairs: readonly PemPair[] };
  beforeAll(async () => {
    here.database = await createDatabase();
    here.server = await openServices(here.database, kek);
    here.directory = await mkdtemp(join(tmpdir(), 'certkeep-transfer-'));
    here.pairs = ['one.example', 'two.example'].map((name) => opensslPair(name));
    vi.stubEnv('DATABASE_URL', here.database.url);
    vi.stubEnv('CERTKEEP_KEK', kek);
    vi.stubEnv('CERTKEEP_DATABASE_POOL_SIZE', '3');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await here.server.close();
    await here.database.drop();
    await rm(here.directory, { recursive: true });
  });
  const run = catchingOutput({ ...importCommands, ...exportCommands });

  return {
    here,
    kek,
    run,
    path: (...names: string[]) => join(here.directory, ...names),
    /** Writes files, each by its path below a new directory, which it returns. */
    async tree(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
      const root = join(here.directory, randomUUID());
      for (const [path, content] of Object.entries({ ...files })) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), content);
      }
      return root;
    },
    /** What is stored under a name; undefined where nothing is. */
    async stored(name: string, placement = AUTHENTIK) {
      const { keypairs } = await here.server.keypairs.list(placement, { name }, [], { limit: 1, offset: 0 });
      const [keypair] = keypairs;
      return keypair && { ...keypair, ...(await here.server.keypairs.openForUse(placement, keypair.id)) };
    },
    /** Actions of the events of all pairs of a name, in their order, and who did them. */
    async events(name: string): Promise<string[]> {
      const rows = await here.database.query<{ action: string; username: string; type: string | null }>(
        `SELECT action, username, context::jsonb->>'type' AS type FROM events
         WHERE context::jsonb #>> '{model,name}' = $1 OR context::jsonb #>> '{secret,name}' = $1 ORDER BY created_at`,
        [name],
      );
      return rows.map(({ action, username, type }) => [username, action, ...(type === null ? [] : [type])].join(' '));
    },
  };
}
