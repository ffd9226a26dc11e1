import { expect, onTestFinished, test } from 'vitest';
import { generateKek } from '../../src/sealing/index.ts';
import { describedFetch } from '../support/contract/described-fetch.ts';
import { createDatabase } from '../support/database.ts';
import { run } from '../support/process.ts';
import { PAIRS } from '../support/server.ts';
import { until } from '../support/until.ts';
import { opensslChain, textOf } from '../x509/support/chains.ts';

const TOKEN = 'a-token-of-the-operator-with-32-characters';

/** Less than a thread is kept. One that is waited for ends the server by force, and not with 0, before. */
const AT_ONCE_MS = 25_000;

test('a server with a thread that waits for work stops at once, and stores what that described', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const server = run('src/main.ts', [], {
    ...{ DATABASE_URL: database.url, CERTKEEP_KEK: generateKek(), CERTKEEP_BOOTSTRAP_TOKEN: TOKEN, CERTKEEP_PORT: '0' },
  });
  const address = () => /http:\/\/127\.0\.0\.1:\d+/.exec(server.output())?.[0];
  await until(() => address() !== undefined, 60_000);
  const answer = await describedFetch(address() + PAIRS, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'chain', certificate_data: textOf(opensslChain('server')) }),
  });
  expect(answer.status).toBe(201);
  const signed = "chain #> '{certificates,2,signsPrevious}' AS signed";
  expect(await database.query(`SELECT ${signed} FROM keypairs`)).toEqual([{ signed: true }]);

  const begun = performance.now();
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  expect(performance.now() - begun).toBeLessThan(AT_ONCE_MS);
  expect(server.output()).not.toContain('without its description');
});
