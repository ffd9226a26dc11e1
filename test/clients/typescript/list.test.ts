import type { CryptoCertificatekeypairsListRequest as ListRequest2024 } from 'goauthentik-api-2024/dist/apis/CryptoApi.js';
import type { CryptoCertificatekeypairsListRequest as ListRequest2026 } from 'goauthentik-api-2026/dist/apis/CryptoApi.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type Client, connect2024, connect2026, RELEASES } from './clients.ts';
import { detailsOf, stored, uniqueName } from './pairs.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const PEM = { certificate: opensslPair(), other: opensslPair() };

/** A pair without a key. */
async function storeNamed({ crypto }: Client, name: string) {
  const certificateKeyPairRequest = { name, certificateData: PEM.certificate.certificate };
  const { pk: kpUuid } = await crypto.cryptoCertificatekeypairsCreate({ certificateKeyPairRequest });
  return { name, kpUuid };
}

/** Pairs that a search for the family finds, in the order of their names. */
async function storeFamily(client: Client, size: number) {
  const family = uniqueName('family');
  const members: { name: string; kpUuid: string }[] = [];
  for (let number = 1; number <= size; number++) {
    members.push(await storeNamed(client, `${family} ${number}`));
  }
  return { family, names: members.map(({ name }) => name), members };
}

async function namesOf(client: Client, request: ListRequest2024 & ListRequest2026): Promise<string[]> {
  return (await client.crypto.cryptoCertificatekeypairsList(request)).results.map(({ name }) => name);
}

type Parameter = Exclude<keyof ListRequest2024 & keyof ListRequest2026, undefined>;

interface Promised {
  readonly promise: string;
  keep(client: Client): Promise<void>;
}

const PARAMETERS: Readonly<Record<Parameter, Promised>> = {
  name: {
    promise: 'finds the one pair of exactly this name',
    async keep(client) {
      const { name } = await storeNamed(client, uniqueName('named'));
      await storeNamed(client, `${name} too`);
      expect(await namesOf(client, { name })).toEqual([name]);
      expect(await namesOf(client, { name: name.toUpperCase() })).toEqual([]);
    },
  },
  search: {
    promise: 'finds the pairs whose names hold the words',
    async keep(client) {
      const { family, names } = await storeFamily(client, 2);
      await storeFamily(client, 1);
      expect(await namesOf(client, { search: family.toUpperCase() })).toEqual(names);
    },
  },
  hasKey: {
    promise: 'leaves out pairs without a key where it is true, and none where it is false',
    async keep(client) {
      const { sent } = await stored(client, 'key or no key', PEM.certificate);
      const { name } = await storeNamed(client, `${sent.name} without`);
      expect(await namesOf(client, { search: sent.name, hasKey: true })).toEqual([sent.name]);
      expect(await namesOf(client, { search: sent.name, hasKey: false })).toEqual([sent.name, name]);
    },
  },
  managed: {
    promise: 'finds the pairs with exactly this mark',
    async keep(client) {
      const { name, kpUuid } = await storeNamed(client, uniqueName('managed'));
      const managed = `certkeep.test/discovered/${kpUuid}`;
      await server.database.query('UPDATE keypairs SET managed = $2 WHERE id = $1', [kpUuid, managed]);
      const { results } = await client.crypto.cryptoCertificatekeypairsList({ managed });
      expect(results).toMatchObject([{ name, managed }]);
      expect(await namesOf(client, { managed: managed.toUpperCase() })).toEqual([]);
    },
  },
  ordering: {
    promise: 'orders by a field, and backwards with a minus sign',
    async keep(client) {
      const { family, names, members } = await storeFamily(client, 3);
      const byId = members.toSorted((a, b) => (a.kpUuid < b.kpUuid ? -1 : 1)).map(({ name }) => name);
      expect(await namesOf(client, { search: family, ordering: 'name' })).toEqual(names);
      expect(await namesOf(client, { search: family, ordering: '-name' })).toEqual(names.toReversed());
      expect(await namesOf(client, { search: family, ordering: 'pk' })).toEqual(byId);
    },
  },
  page: {
    promise: 'goes through all pairs, each once',
    async keep(client) {
      const { family, names } = await storeFamily(client, 5);
      const seen: string[] = [];
      for (let page = 1; page !== 0; ) {
        const found = await client.crypto.cryptoCertificatekeypairsList({ search: family, page, pageSize: 2 });
        seen.push(...found.results.map(({ name }) => name));
        page = found.pagination.next;
      }
      expect(seen).toEqual(names);
    },
  },
  pageSize: {
    promise: 'bounds a page, which says where it stands',
    async keep(client) {
      const { family, names } = await storeFamily(client, 5);
      const found = await client.crypto.cryptoCertificatekeypairsList({ search: family, page: 2, pageSize: 2 });
      expect(found.results.map(({ name }) => name)).toEqual(names.slice(2, 4));
      expect(found.pagination).toEqual({
        next: 3,
        previous: 1,
        count: 5,
        current: 2,
        totalPages: 3,
        startIndex: 3,
        endIndex: 4,
      });
    },
  },
};

/** What only one of the releases takes; the compiler sees to it that none is forgotten. */
const OWN_PARAMETERS: Readonly<Record<Exclude<keyof ListRequest2024 | keyof ListRequest2026, Parameter>, Promised>> = {
  keyType: {
    promise: 'finds the pairs of any of the types',
    async keep(client) {
      const { crypto } = connect2026(server);
      const ed25519 = await stored(client, 'typed', opensslPair('typed.example', ['-newkey', 'ed25519']));
      const rsa = await stored(client, 'typed', opensslPair('typed.example', ['-newkey', 'rsa:2048']));
      const ec = await stored(client, 'typed', PEM.other);
      const namesOfTypes = async (keyType: NonNullable<ListRequest2026['keyType']>) =>
        (await crypto.cryptoCertificatekeypairsList({ keyType, search: 'typed', pageSize: 100 })).results.map(
          ({ name }) => name,
        );
      expect(await namesOfTypes(['ed25519'])).toEqual([ed25519.sent.name]);
      expect((await namesOfTypes(['ed25519', 'rsa'])).sort()).toEqual([ed25519.sent.name, rsa.sent.name].sort());
      expect(await namesOfTypes(['ec'])).toEqual([ec.sent.name]);
      expect(await namesOfTypes(['dsa'])).toEqual([]);
    },
  },
  includeDetails: {
    promise: 'leaves out what is read from the certificate where it is false',
    async keep(client) {
      const { crypto } = connect2024(server);
      const { sent } = await stored(client, 'with details', PEM.certificate);
      const detailed = await crypto.cryptoCertificatekeypairsList({ name: sent.name, includeDetails: true });
      expect(detailed.results).toMatchObject([{ ...detailsOf(sent.certificateData), privateKeyType: 'ec' }]);
      const bare = await crypto.cryptoCertificatekeypairsList({ name: sent.name, includeDetails: false });
      expect(bare.results).toMatchObject([
        {
          name: sent.name,
          fingerprintSha256: null,
          fingerprintSha1: null,
          certExpiry: null,
          certSubject: null,
          privateKeyType: null,
          privateKeyAvailable: true,
        },
      ]);
    },
  },
};

describe.each(RELEASES)('the list of the TypeScript client of %s', (_release, { connect, ResponseError }) => {
  for (const [parameter, { promise, keep }] of Object.entries(PARAMETERS)) {
    test(`${parameter} ${promise}`, () => keep(connect(server)));
  }

  test('without parameters is the first page of all pairs', async () => {
    const client = connect(server);
    await storeFamily(client, 1);
    const { results, pagination } = await client.crypto.cryptoCertificatekeypairsList();
    expect(results.length).toBeGreaterThan(0);
    expect(pagination).toMatchObject({ current: 1, previous: 0, startIndex: 1, endIndex: results.length });
  });

  test('refuses a page that there is not', async () => {
    const request = connect(server).crypto.cryptoCertificatekeypairsList({ page: 4711 });
    await expect(request).rejects.toThrow(ResponseError);
    await expect(request).rejects.toMatchObject({ response: { status: 404 } });
  });
});

test(`the list of the TypeScript client of 2026.8.3: keyType ${OWN_PARAMETERS.keyType.promise}`, () =>
  OWN_PARAMETERS.keyType.keep(connect2026(server)));

test(`the list of the TypeScript client of 2024.8.3: includeDetails ${OWN_PARAMETERS.includeDetails.promise}`, () =>
  OWN_PARAMETERS.includeDetails.keep(connect2024(server)));
