import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { run } from '../support/process.ts';
import { cluster, environmentOf } from '../support/replicas.ts';

test.each(['CERTKEEP_PORT', 'CERTKEEP_METRICS_PORT'])(
  'a server that ends since its %s is taken is waited for by no rotation of KEKs',
  async (variable) => {
    const database = await createDatabase();
    onTestFinished(() => database.drop());
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const server = run('src/main.ts', [], {
      ...environmentOf(cluster(database), 'failing'),
      [variable]: String(port),
    });

    expect(await server.ended).toBe(1);
    expect(server.output()).toContain('EADDRINUSE');
    expect(await database.query('SELECT instance_name FROM kek_holders')).toEqual([]);
  },
);
