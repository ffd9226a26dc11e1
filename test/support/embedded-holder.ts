// Runs an embedded PostgreSQL in a process of its own, for tests that kill that process.
// Tells as JSON lines: first where it is, then each row that PostgreSQL has acknowledged.
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../src/database/embedded/index.ts';

const [dataDirectory = '', task = 'hold'] = process.argv.slice(2);
const tell = (fact: object) => process.stdout.write(`${JSON.stringify(fact)}\n`);
const quiet = () => {};

tell({ starting: true });
const embedded = await startEmbeddedPostgres({ dataDirectory, log: { info: quiet, warn: quiet, error: quiet } });
tell({ url: embedded.url, clusterDirectory: embedded.clusterDirectory });

if (task === 'insert') {
  const client = new Client({ connectionString: embedded.url });
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS kept (number integer PRIMARY KEY)');
  for (let number = 1; ; number++) {
    await client.query('INSERT INTO kept VALUES ($1)', [number]);
    tell({ acknowledged: number });
  }
}
