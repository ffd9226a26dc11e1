import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateKek } from '../../src/sealing/index.ts';
import { describedFetch } from '../support/contract/described-fetch.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { preloading } from '../support/preload.ts';
import { type RunningProcess, run } from '../support/process.ts';
import { PAIRS } from '../support/server.ts';
import { until } from '../support/until.ts';

/** Gives `localhost` an address of each kind, whatever this machine's hosts file says. */
const WITH_TWO_LOCALHOSTS = `
  import dns from 'node:dns';
  import { syncBuiltinESMExports } from 'node:module';
  const [lookup, lookupPromised] = [dns.lookup, dns.promises.lookup];
  const addresses = [{ address: '::1', family: 6 }, { address: '127.0.0.1', family: 4 }];
  const all = ({ order }) => (order === 'ipv4first' ? addresses.toReversed() : addresses);
  dns.lookup = (host, ...rest) => {
    if (host !== 'localhost') return lookup(host, ...rest);
    const [done, options = {}] = rest.toReversed();
    const [first] = all(options);
    process.nextTick(() => (options.all ? done(null, all(options)) : done(null, first.address, first.family)));
  };
  dns.promises.lookup = async (host, options = {}) =>
    host !== 'localhost' ? lookupPromised(host, options) : options.all ? all(options) : all(options)[0];
  syncBuiltinESMExports();`;

const TOKEN = 'a-token-of-the-operator-with-32-characters';

describe('with a database of the operator’s', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(() => database.drop());

  test('no server starts without a key-encryption key, and is told how to make one', async () => {
    const server = run('src/main.ts', [], { DATABASE_URL: database.url, CERTKEEP_BOOTSTRAP_TOKEN: TOKEN });

    expect(await server.ended).toBe(78);
    expect(server.output()).toContain('openssl rand -base64 32');
  });

  test('no server starts with a key of another length, and the key is not repeated', async () => {
    const short = Buffer.alloc(31, 7).toString('base64');
    const server = run('src/main.ts', [], { DATABASE_URL: database.url, CERTKEEP_KEK: short });

    expect(await server.ended).toBe(78);
    expect(server.output()).toContain('exactly 32 bytes');
    expect(server.output()).not.toContain(short);
  });

  test('no server starts before there is a token, and "certkeep token create" makes one', async () => {
    const environment = { DATABASE_URL: database.url, CERTKEEP_KEK: generateKek(), CERTKEEP_PORT: '0' };
    const refused = run('src/main.ts', [], environment);
    expect(await refused.ended).toBe(78);
    expect(refused.output()).toContain('certkeep token create');

    const made = run('src/cli/main.ts', ['token', 'create', '--username', 'ci', '--superuser'], environment);
    expect(await made.ended).toBe(0);
    const token = made.output().trim();
    expect(token).toMatch(/^certkeep_[\w-]{43}$/);

    const server = run('src/main.ts', [], environment);
    try {
      const url = await listening(server);
      const answer = await describedFetch(url + PAIRS, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(200);
    } finally {
      server.child.kill('SIGTERM');
      expect(await server.ended).toBe(0);
    }
  });

  test('a host of several addresses gets the same answers on each on which the server listens', async () => {
    const server = run('src/main.ts', [], {
      DATABASE_URL: database.url,
      CERTKEEP_KEK: generateKek(),
      CERTKEEP_BOOTSTRAP_TOKEN: TOKEN,
      CERTKEEP_HOST: 'localhost',
      CERTKEEP_PORT: '0',
      ...preloading(WITH_TWO_LOCALHOSTS),
    });
    try {
      const { port } = new URL(await listening(server));
      const answers = await Promise.all(
        ['127.0.0.1', '::1'].map((host) =>
          send(host, Number(port), `GET ${PAIRS} HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n`),
        ),
      );
      const given = answers.filter((answer) => answer !== undefined);
      expect(given.length).toBeGreaterThan(0);
      for (const answer of given) {
        expect(answer).toContain('{"detail":"Expectation Failed."}');
      }
    } finally {
      server.child.kill('SIGTERM');
      expect(await server.ended).toBe(0);
    }
  });

  test('a host that has no address is named, with exit code 78', async () => {
    const server = run('src/main.ts', [], {
      DATABASE_URL: database.url,
      CERTKEEP_KEK: generateKek(),
      CERTKEEP_BOOTSTRAP_TOKEN: TOKEN,
      CERTKEEP_HOST: 'nowhere.invalid',
    });

    expect(await server.ended).toBe(78);
    expect(server.output()).toContain('CERTKEEP_HOST');
  });

  test('a value that can not be used is named, with exit code 78', async () => {
    const server = run('src/main.ts', [], { DATABASE_URL: database.url, CERTKEEP_PORT: 'nine thousand' });

    expect(await server.ended).toBe(78);
    expect(server.output()).toContain('CERTKEEP_PORT');
  });

  test('a database that is not there is said to be away', async () => {
    const url = new URL(database.url);
    url.searchParams.delete('host');
    url.host = '127.0.0.1:1';
    const server = run('src/main.ts', [], { DATABASE_URL: url.toString(), CERTKEEP_KEK: generateKek() });

    expect(await server.ended).toBe(1);
    expect(server.output()).toContain("can't be reached");
  });
});

/** Without a terminal and with a database of the operator's there is no start page: the log says where the server listens. */
async function listening(server: RunningProcess): Promise<string> {
  await until(() => /listening at http/.test(server.output()));
  return /listening at (http:\/\/[\w.:[\]]+)/.exec(server.output())?.[1] ?? '';
}

/** Everything that comes back on a connection of its own; undefined where nobody listens. */
function send(host: string, port: number, bytes: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, host, () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('end', () => resolve(received));
    socket.on('error', () => resolve(undefined));
  });
}
