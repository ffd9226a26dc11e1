import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { type Client, type Operation, RELEASES } from './clients.ts';
import { freshPair, stored } from './pairs.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** Every operation, on a pair that there need not be. */
const REQUESTS: Readonly<Record<Operation, (client: Client, kpUuid: string) => Promise<unknown>>> = {
  cryptoCertificatekeypairsCreate: ({ crypto }) =>
    crypto.cryptoCertificatekeypairsCreate({ certificateKeyPairRequest: freshPair('refused') }),
  cryptoCertificatekeypairsGenerateCreate: ({ crypto }) =>
    crypto.cryptoCertificatekeypairsGenerateCreate({
      certificateGenerationRequest: { commonName: 'refused', validityDays: 1, alg: 'ecdsa' },
    }),
  cryptoCertificatekeypairsList: ({ crypto }) => crypto.cryptoCertificatekeypairsList(),
  cryptoCertificatekeypairsRetrieve: ({ crypto }, kpUuid) => crypto.cryptoCertificatekeypairsRetrieve({ kpUuid }),
  cryptoCertificatekeypairsUpdate: ({ crypto }, kpUuid) =>
    crypto.cryptoCertificatekeypairsUpdate({ kpUuid, certificateKeyPairRequest: freshPair('refused') }),
  cryptoCertificatekeypairsPartialUpdate: ({ crypto }, kpUuid) =>
    crypto.cryptoCertificatekeypairsPartialUpdate({ kpUuid, patchedCertificateKeyPairRequest: { name: 'refused' } }),
  cryptoCertificatekeypairsDestroy: ({ crypto }, kpUuid) => crypto.cryptoCertificatekeypairsDestroy({ kpUuid }),
  cryptoCertificatekeypairsUsedByList: ({ crypto }, kpUuid) => crypto.cryptoCertificatekeypairsUsedByList({ kpUuid }),
  cryptoCertificatekeypairsViewCertificateRetrieve: ({ crypto }, kpUuid) =>
    crypto.cryptoCertificatekeypairsViewCertificateRetrieve({ kpUuid }),
  cryptoCertificatekeypairsViewPrivateKeyRetrieve: ({ crypto }, kpUuid) =>
    crypto.cryptoCertificatekeypairsViewPrivateKeyRetrieve({ kpUuid }),
};
const ON_A_PAIR = Object.entries(REQUESTS).filter(([, send]) => send.length === 2);

describe.each(RELEASES)('the TypeScript client of %s', (_release, { connect, ResponseError }) => {
  /** Of a request that must fail: the status and the body of the error that the client throws. */
  async function refusalOf(request: Promise<unknown>): Promise<[number, unknown]> {
    const thrown: unknown = await request.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(thrown instanceof ResponseError)) {
      throw new Error('no ResponseError was thrown', { cause: thrown });
    }
    return [thrown.response.status, await thrown.response.json()];
  }

  test.each(Object.entries(REQUESTS))('%s throws a 403 without a token', async (_operation, send) => {
    const [status, body] = await refusalOf(send(connect(server, ''), randomUUID()));
    expect(status).toBe(403);
    expect(body).toEqual({ detail: expect.any(String) });
  });

  test.each(Object.entries(REQUESTS))('%s throws a 403 with a wrong token', async (_operation, send) => {
    const [status, body] = await refusalOf(send(connect(server, 'wrong'), randomUUID()));
    expect([status, body]).toEqual([403, { detail: 'Token invalid/expired' }]);
  });

  test.each(ON_A_PAIR)('%s throws a 404 for a pair that there is not', async (_operation, send) => {
    const [status, body] = await refusalOf(send(connect(server), randomUUID()));
    expect([status, body]).toEqual([404, { detail: 'No CertificateKeyPair matches the given query.' }]);
  });

  test('throws a 400 that tells of each wrong field', async () => {
    const { crypto } = connect(server);
    const certificateKeyPairRequest = { name: ' ', certificateData: 'no certificate', keyData: 'no key' };
    const [status, body] = await refusalOf(crypto.cryptoCertificatekeypairsCreate({ certificateKeyPairRequest }));
    expect(status).toBe(400);
    expect(body).toEqual({
      name: ['This field may not be blank.'],
      certificate_data: ['Unable to load certificate.'],
      key_data: ['Unable to load private key (possibly encrypted?).'],
    });
  });

  test('throws a 400 for a name that is taken', async () => {
    const client = connect(server);
    const { sent } = await stored(client, 'taken');
    const [status, body] = await refusalOf(
      client.crypto.cryptoCertificatekeypairsCreate({ certificateKeyPairRequest: sent }),
    );
    expect(status).toBe(400);
    expect(body).toEqual({ name: ['Certificate-Key Pair with this name already exists.'] });
  });

  test('throws a 400 for a generation that can not be', async () => {
    const { crypto } = connect(server);
    const certificateGenerationRequest = { commonName: '', validityDays: 1.5 };
    const [status, body] = await refusalOf(
      crypto.cryptoCertificatekeypairsGenerateCreate({ certificateGenerationRequest }),
    );
    expect(status).toBe(400);
    expect(body).toEqual({
      common_name: ['This field may not be blank.'],
      validity_days: ['A valid integer is required.'],
    });
  });

  test('sees the original’s status and headers in its raw answers', async () => {
    const { crypto } = connect(server);
    const certificateKeyPairRequest = freshPair('raw');
    const created = await crypto.cryptoCertificatekeypairsCreateRaw({ certificateKeyPairRequest });
    expect(created.raw.status).toBe(201);
    expect(created.raw.headers.get('content-type')).toBe('application/json');
    expect(created.raw.headers.get('allow')).toBe('GET, POST, HEAD, OPTIONS');
    const { pk: kpUuid } = await created.value();
    const destroyed = await crypto.cryptoCertificatekeypairsDestroyRaw({ kpUuid });
    expect([destroyed.raw.status, await destroyed.raw.text()]).toEqual([204, '']);
  });

  test('downloads the certificate and the key as PEM files', async () => {
    const client = connect(server);
    const { kpUuid, sent } = await stored(client, 'downloaded');
    const certificate = await client.crypto.cryptoCertificatekeypairsViewCertificateRetrieveRaw({
      kpUuid,
      download: true,
    });
    const privateKey = await client.crypto.cryptoCertificatekeypairsViewPrivateKeyRetrieveRaw({
      kpUuid,
      download: true,
    });
    for (const [{ raw }, kind, text] of [
      [certificate, 'certificate', sent.certificateData],
      [privateKey, 'private_key', sent.keyData],
    ] as const) {
      expect(raw.headers.get('content-type')).toBe('application/x-pem-file');
      expect(raw.headers.get('content-disposition')).toBe(`attachment; filename="${sent.name}_${kind}.pem"`);
      expect(await raw.text()).toBe(text.trim());
    }
  });

  test('reads the public configuration without a token, and reports no errors to anybody', async () => {
    const config = await connect(server, '').root.rootConfigRetrieve();
    expect(config).toMatchObject({
      errorReporting: { enabled: false, sendPii: false, tracesSampleRate: 0 },
      capabilities: [],
      cacheTimeout: 300,
      cacheTimeoutFlows: 300,
      cacheTimeoutPolicies: 300,
    });
  });

  test('reads a schema that describes each of its operations', async () => {
    const schema = await connect(server, '').schema.schemaRetrieve({ format: 'json' });
    const operations = Object.values(schema['paths'] as object)
      .flatMap((path: object) => Object.values(path))
      .flatMap((operation: { operationId?: string }) => operation?.operationId ?? [])
      .map((id) => id.replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase()));
    expect(operations).toEqual(expect.arrayContaining(Object.keys(REQUESTS)));
  });
});
