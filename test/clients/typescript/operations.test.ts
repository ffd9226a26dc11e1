import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type Client, keyTypeOf, type Operation, RELEASES } from './clients.ts';
import { detailsOf, freshPair, stored, uniqueName } from './pairs.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

interface Promised {
  readonly promise: string;
  keep(client: Client): Promise<void>;
}

const OPERATIONS: Readonly<Record<Operation, Promised>> = {
  cryptoCertificatekeypairsCreate: {
    promise: 'stores a pair and describes it',
    async keep({ crypto }) {
      const sent = freshPair('created');
      const pair = await crypto.cryptoCertificatekeypairsCreate({ certificateKeyPairRequest: sent });
      expect(pair).toMatchObject({
        name: sent.name,
        ...detailsOf(sent.certificateData),
        privateKeyAvailable: true,
        certificateDownloadUrl: `/api/v3/crypto/certificatekeypairs/${pair.pk}/view_certificate/?download`,
        privateKeyDownloadUrl: `/api/v3/crypto/certificatekeypairs/${pair.pk}/view_private_key/?download`,
        managed: null,
      });
      expect(keyTypeOf(pair)).toBe('ec');
    },
  },
  cryptoCertificatekeypairsRetrieve: {
    promise: 'describes the pair as its creation did',
    async keep({ crypto }) {
      const sent = freshPair('retrieved');
      const created = await crypto.cryptoCertificatekeypairsCreate({ certificateKeyPairRequest: sent });
      expect(created.certExpiry).toBeInstanceOf(Date);
      expect(await crypto.cryptoCertificatekeypairsRetrieve({ kpUuid: created.pk })).toEqual(created);
    },
  },
  cryptoCertificatekeypairsUpdate: {
    promise: 'replaces the name, the certificate and the key',
    async keep(client) {
      const { kpUuid } = await stored(client, 'before update');
      const sent = freshPair('after update', opensslPair('updated.example', ['-newkey', 'ed25519']));
      const pair = await client.crypto.cryptoCertificatekeypairsUpdate({ kpUuid, certificateKeyPairRequest: sent });
      expect(pair).toMatchObject({ pk: kpUuid, name: sent.name, ...detailsOf(sent.certificateData) });
      expect(keyTypeOf(pair)).toBe('ed25519');
      expect(await textsOf(client, kpUuid)).toEqual([sent.certificateData.trim(), sent.keyData.trim()]);
    },
  },
  cryptoCertificatekeypairsPartialUpdate: {
    promise: 'renames a pair and leaves the rest alone',
    async keep(client) {
      const { kpUuid, sent } = await stored(client, 'before renaming');
      const name = uniqueName('renamed');
      const pair = await client.crypto.cryptoCertificatekeypairsPartialUpdate({
        kpUuid,
        patchedCertificateKeyPairRequest: { name },
      });
      expect(pair).toMatchObject({ pk: kpUuid, name, ...detailsOf(sent.certificateData) });
      expect(await textsOf(client, kpUuid)).toEqual([sent.certificateData.trim(), sent.keyData.trim()]);
    },
  },
  cryptoCertificatekeypairsDestroy: {
    promise: 'removes the pair',
    async keep(client) {
      const { kpUuid, sent } = await stored(client, 'destroyed');
      expect(await client.crypto.cryptoCertificatekeypairsDestroy({ kpUuid })).toBeUndefined();
      const { results } = await client.crypto.cryptoCertificatekeypairsList({ name: sent.name });
      expect(results).toEqual([]);
    },
  },
  cryptoCertificatekeypairsGenerateCreate: {
    promise: 'makes a pair that is as good as a stored one',
    async keep({ crypto }) {
      const commonName = uniqueName('g').slice(0, 40);
      const generated = await crypto.cryptoCertificatekeypairsGenerateCreate({
        certificateGenerationRequest: { commonName, validityDays: 3, alg: 'ecdsa' },
      });
      expect(generated).toMatchObject({ name: commonName, privateKeyAvailable: true });
      expect(await crypto.cryptoCertificatekeypairsRetrieve({ kpUuid: generated.pk })).toEqual(generated);
    },
  },
  cryptoCertificatekeypairsList: {
    promise: 'shows each pair as its retrieval does',
    async keep(client) {
      const { kpUuid, sent } = await stored(client, 'listed');
      const pair = await client.crypto.cryptoCertificatekeypairsRetrieve({ kpUuid });
      expect((await client.crypto.cryptoCertificatekeypairsList({ name: sent.name })).results).toEqual([pair]);
    },
  },
  cryptoCertificatekeypairsViewCertificateRetrieve: {
    promise: 'gives back the certificate that was sent, without the blanks around it',
    async keep(client) {
      const { kpUuid, sent } = await stored(client, 'certificate seen');
      const answer = await client.crypto.cryptoCertificatekeypairsViewCertificateRetrieve({ kpUuid });
      expect(answer).toEqual({ data: sent.certificateData.trim() });
    },
  },
  cryptoCertificatekeypairsViewPrivateKeyRetrieve: {
    promise: 'gives back the private key that was sent, without the blanks around it',
    async keep(client) {
      const { kpUuid, sent } = await stored(client, 'key seen');
      const answer = await client.crypto.cryptoCertificatekeypairsViewPrivateKeyRetrieve({ kpUuid });
      expect(answer).toEqual({ data: sent.keyData.trim() });
    },
  },
  cryptoCertificatekeypairsUsedByList: {
    promise: 'says that nothing uses the pair',
    async keep(client) {
      const { kpUuid } = await stored(client, 'unused');
      expect(await client.crypto.cryptoCertificatekeypairsUsedByList({ kpUuid })).toEqual([]);
    },
  },
};

describe.each(RELEASES)('the TypeScript client of %s', (_release, { connect, operations }) => {
  test('has no operation that is not tested here', () => {
    expect(Object.keys(OPERATIONS).sort()).toEqual(operations);
  });

  for (const [operation, { promise, keep }] of Object.entries(OPERATIONS)) {
    test(`${operation} ${promise}`, () => keep(connect(server)));
  }
});

async function textsOf({ crypto }: Client, kpUuid: string): Promise<string[]> {
  const certificate = await crypto.cryptoCertificatekeypairsViewCertificateRetrieve({ kpUuid });
  const privateKey = await crypto.cryptoCertificatekeypairsViewPrivateKeyRetrieve({ kpUuid });
  return [certificate.data, privateKey.data];
}
