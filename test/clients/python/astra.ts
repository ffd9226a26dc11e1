import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAccount } from '../../dialects/astra/support/accounts.ts';
import { opensslAuthority } from '../../dialects/astra/support/authority.ts';
import type { TestServer } from '../../support/server.ts';
import { startTlsFront } from '../support/tls-front.ts';

/** The role `admin`, as decision 24 has it. */
const ADMIN = ['view', 'add', 'change', 'delete'].map((action) => `${action}_certificatekeypair`);

export interface Astra {
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** An account of a server behind TLS: NetApp's toolkit writes `https://` before whatever host it is given. */
export async function startAstra(server: TestServer): Promise<Astra> {
  const { certificate, leaf } = opensslAuthority('Front CA');
  const front = await startTlsFront(server.url, leaf);
  const directory = await mkdtemp(join(tmpdir(), 'certkeep-astra-'));
  const authority = join(directory, 'front.pem');
  await writeFile(authority, certificate);
  const account = await makeAccount(server);
  const rights = [...ADMIN, 'view_certificatekeypair_certificate'];
  return {
    env: {
      CERTKEEP_TEST_ASTRA_HOST: front.host,
      CERTKEEP_TEST_ASTRA_AUTHORITY: authority,
      CERTKEEP_TEST_ASTRA_ACCOUNT: account,
      CERTKEEP_TEST_ASTRA_TOKEN: await server.tokenWith(rights, { reach: [`astra:${account}`] }),
    },
    async close() {
      await front.close();
      await rm(directory, { recursive: true });
    },
  };
}
