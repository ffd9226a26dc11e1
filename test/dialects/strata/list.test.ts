import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Container } from '../../../src/dialects/strata/tenancy.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { expectError, NOT_AUTHENTICATED, NOT_PRESENT, read, UNAUTHORIZED } from './support/envelope.ts';
import { BASES, CURRENT, LEGACY, seed, seedMany } from './support/seed.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

interface List {
  readonly data: readonly { readonly id: string; readonly name: string }[];
  readonly offset: number;
  readonly total: number;
  readonly limit: number;
}

const namesIn = ({ data }: List) => data.map(({ name }) => name);
const folder = (name: string): Container => ({ kind: 'folder', name });
const invalid = (about: string) => ({ status: 400, code: 'E003', message: `Invalid Query Parameter: ${about}` });

describe.each(BASES)('§2, operation 1: GET %s/certificates', (base) => {
  const path = `${base}/certificates`;

  test('200: the envelope, its numbers as JSON integers, 200 rows from the first unless it is said otherwise', async () => {
    const { id, name } = await seed(server, { container: folder(`one of ${base.slice(1, 4)}`) });

    expect(await read(server, `${path}?folder=one%20of%20${base.slice(1, 4)}`)).toEqual({
      data: [expect.objectContaining({ id, name, folder: `one of ${base.slice(1, 4)}`, algorithm: 'EC', ca: true })],
      offset: 0,
      total: 1,
      limit: 200,
    });
  });

  test.each(['folder', 'snippet', 'device'] as const)('200: of a %s alone', async (kind) => {
    const container = { kind, name: 'alike' };
    const { name } = await seed(server, { container });

    const list = await read<List>(server, `${path}?${kind}=alike`);
    expect(namesIn(list)).toContain(name);
    expect(list.data.map((each) => (each as Partial<Record<string, string>>)[kind])).toEqual(
      list.data.map(() => 'alike'),
    );
  });

  test('200: an empty page beyond the last, with the total', async () => {
    await seed(server, { container: folder('beyond') });
    const { total, ...page } = await read<List>(server, `${path}?folder=beyond&offset=9007199254740991&limit=5000`);

    expect(page).toEqual({ data: [], offset: 9007199254740991, limit: 5000 });
    expect(total).toBeGreaterThan(0);
  });

  test('400: without a container', async () => {
    const error = { status: 400, code: 'E003', message: 'Missing Query Parameter: folder' };
    await expectError(server, { method: 'GET', path }, error);
    await expectError(server, { method: 'GET', path: `${path}?folder=` }, error);
  });

  test.each<readonly [string, string]>([
    ['folder=a&snippet=b', 'snippet=b'],
    ['folder=a&snippet=b&device=c', 'snippet=b'],
    ['folder=a&folder=b', 'folder=b'],
    ['folder=a%2Fb', 'folder=a/b'],
    [`folder=${'x'.repeat(65)}`, `folder=${'x'.repeat(64)}…`],
    ['folder=a%00', 'folder=a\0'],
    ['folder=a&location=invalid', 'location=invalid'],
    ['folder=a&name=b%00', 'name=b\0'],
    ...['0', '-1', '5001', '1.5', 'x', '1e3', '0x10', '99999999999999999999'].map(
      (limit) => [`folder=a&limit=${limit}`, `limit=${limit}`] as const,
    ),
    ...['-1', '1.5', 'x', '9007199254740992'].map(
      (offset) => [`folder=a&offset=${offset}`, `offset=${offset}`] as const,
    ),
  ])('400: by %s', async (query, about) => {
    await expectError(server, { method: 'GET', path: `${path}?${query}` }, invalid(about));
  });

  test('401 without a token, 403 without the right', async () => {
    const asking = { method: 'GET', path: `${path}?folder=Shared` };
    await expectError(server, { ...asking, headers: { authorization: null } }, NOT_AUTHENTICATED);
    const token = await server.tokenWith(['view_certificatekeypair'], { reach: ['strata'] });
    await expectError(server, { ...asking, headers: { authorization: `Bearer ${token}` } }, UNAUTHORIZED);
  });

  test('shows whoever holds a right on single ones these alone, and counts these alone', async () => {
    const container = folder('partly');
    const [shown] = await Promise.all([seed(server, { container }), seed(server, { container })]);
    const token = await server.tokenWith([`view_certificatekeypair_certificate@${shown.id}`], { reach: ['strata'] });

    const list = await read<List>(server, `${path}?folder=partly`, token);
    expect([namesIn(list), list.total]).toEqual([[shown.name], 1]);
  });
});

describe('§3.1: by name', () => {
  const container = folder('names');

  test('the current base answers with the bare object, whatever page is asked for', async () => {
    const { id, name } = await seed(server, { container });
    const found = await read(server, `${CURRENT}/certificates?folder=names&name=${name}&limit=1&offset=5`);

    expect(found).toEqual(await read(server, `${CURRENT}/certificates/${id}`));
    expect(found).toMatchObject({ id, name, folder: 'names' });
  });

  test('the current base answers 404 where nothing has it', async () => {
    const { name } = await seed(server, { container });
    for (const other of [name.toUpperCase(), name.slice(1), 'nothing']) {
      await expectError(
        server,
        { method: 'GET', path: `${CURRENT}/certificates?folder=names&name=${other}` },
        NOT_PRESENT,
      );
    }
    await expectError(
      server,
      { method: 'GET', path: `${CURRENT}/certificates?snippet=names&name=${name}` },
      NOT_PRESENT,
    );
  });

  test('the legacy base answers with an envelope, of one or of none', async () => {
    const { name } = await seed(server, { container });

    const one = await read<List>(server, `${LEGACY}/certificates?folder=names&name=${name}`);
    expect([namesIn(one), one.total]).toEqual([[name], 1]);
    expect(await read(server, `${LEGACY}/certificates?folder=names&name=nothing`)).toEqual({
      data: [],
      offset: 0,
      total: 0,
      limit: 200,
    });
  });
});

describe('2,000 certificates in one folder', () => {
  const path = `${CURRENT}/certificates?folder=many`;
  let names: readonly string[];
  beforeAll(async () => {
    names = await seedMany(server, 2000, { container: folder('many') });
  });

  test.each([2000, 2500, 5000])('limit=%i returns them all, the oldest first', async (limit) => {
    const list = await read<List>(server, `${path}&limit=${limit}`);

    expect([list.total, list.limit]).toEqual([2000, limit]);
    expect(namesIn(list)).toEqual(names);
  });

  test('pages walk them all, each exactly as long as asked for', async () => {
    const walked: string[] = [];
    for (let offset = 0; offset < 2000; offset += 333) {
      const list = await read<List>(server, `${path}&limit=333&offset=${offset}`);
      expect(list.data).toHaveLength(Math.min(333, 2000 - offset));
      walked.push(...namesIn(list));
    }
    expect(walked).toEqual(names);
  });

  test('others are answered while they are written', async () => {
    // Written in one go, client and all, it would be seconds for the largest page, each time; a machine that stands still does so once.
    const longest: number[] = [];
    for (let round = 0; round < 5 && Math.min(...longest) >= 1000; round++) {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const { length } = (await read<List>(server, `${path}&limit=5000`)).data;
      delay.disable();
      longest.push(delay.max / 1e6);
      process.stdout.write(
        `[list] ${length} rows, the event loop stood for ${Math.round(delay.max / 1e6)} ms at most\n`,
      );
    }
    expect(Math.min(...longest)).toBeLessThan(1000);
  });
});
