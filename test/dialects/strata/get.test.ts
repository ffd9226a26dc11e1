import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openssl } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { expectError, NOT_AUTHENTICATED, NOT_PRESENT, read, UNAUTHORIZED, UNKNOWN_ID } from './support/envelope.ts';
import { BASES, CURRENT, LEGACY, type Seeded, seed, seedMaterial } from './support/seed.ts';

let server: TestServer;
let stored: Seeded;
beforeAll(async () => {
  server = await startServer();
  stored = await seed(server);
});
afterAll(() => server.close());

describe.each(BASES)('§2, operation 3: GET %s/certificates/{id}', (base) => {
  const pathOf = (id: string) => `${base}/certificates/${id}`;

  test('200: all of §5, as openssl reads the certificate, and no key', async () => {
    const { certificate } = seedMaterial();
    const printed = openssl(
      ['x509', '-noout', '-subject_hash', '-issuer_hash', '-startdate', '-enddate', '-dateopt', 'iso_8601'],
      certificate,
    );
    const [subjectHash = '', issuerHash = '', start = '', end = ''] = printed.split('\n');
    const dateOf = (line: string) => new Date(line.replace(/^\w+=/, '').replace(' ', 'T'));

    expect(await read(server, pathOf(stored.id))).toEqual({
      id: stored.id,
      name: stored.name,
      folder: 'Shared',
      algorithm: 'EC',
      ca: true,
      common_name: 'seeded.example',
      common_name_int: 'seeded.example',
      expiry_epoch: String(dateOf(end).getTime() / 1000),
      issuer: '/CN=seeded.example',
      issuer_hash: issuerHash,
      subject: '/CN=seeded.example',
      subject_hash: subjectHash,
      subject_int: '/CN=seeded.example',
      not_valid_before: dateOf(start).toISOString().slice(0, 10),
      not_valid_after: dateOf(end).toISOString().slice(0, 10),
      public_key: certificate,
    });
  });

  test('200 in upper case too, and with an empty body of JSON, as one client sends it', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await ask(server, { method: 'GET', path: pathOf(stored.id.toUpperCase()), headers });

    expect([answer.status, JSON.parse(answer.text).id]).toEqual([200, stored.id]);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  test('HEAD is the same without its body', async () => {
    const answer = await ask(server, { method: 'HEAD', path: pathOf(stored.id) });

    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([200, 'application/json', '']);
  });

  test('401 without a token, 403 without the right', async () => {
    const asking = { method: 'GET', path: pathOf(stored.id) };
    await expectError(server, { ...asking, headers: { authorization: null } }, NOT_AUTHENTICATED);
    // This API shows the certificate's text with all else of it.
    const token = await server.tokenWith(['view_certificatekeypair'], { reach: ['strata'] });
    await expectError(server, { ...asking, headers: { authorization: `Bearer ${token}` } }, UNAUTHORIZED);
  });

  test.each([UNKNOWN_ID, 'no-uuid', '1', '%00', `${UNKNOWN_ID}0`])('404: no certificate has the id %s', async (id) => {
    await expectError(server, { method: 'GET', path: pathOf(id) }, NOT_PRESENT);
  });

  test('404: for one that the caller may not see', async () => {
    const other = await seed(server);
    const token = await server.tokenWith([`view_certificatekeypair_certificate@${other.id}`], { reach: ['strata'] });
    const headers = { authorization: `Bearer ${token}` };

    await expectError(server, { method: 'GET', path: pathOf(stored.id), headers }, NOT_PRESENT);
    expect((await ask(server, { method: 'GET', path: pathOf(other.id), headers })).status).toBe(200);
  });
});

test('§5.1: below the legacy base, dates are written as OpenSSL does where that is configured', async () => {
  const configured = await startServer(
    {
      kek: server.kek,
      bootstrapToken: server.token,
      strata: { allowWeak: false, defaultTsg: '1000000000', legacyDates: 'openssl', signingKeyDays: 30 },
    },
    server.database,
  );
  try {
    const dates = ['-noout', '-startdate', '-enddate'];
    const [start = '', end = ''] = openssl(['x509', ...dates], seedMaterial().certificate).split('\n');
    const [notBefore, notAfter] = [start, end].map((line) => line.replace(/^\w+=/, ''));

    expect(await read(configured, `${LEGACY}/certificates/${stored.id}`)).toMatchObject({
      not_valid_before: notBefore,
      not_valid_after: notAfter,
    });
    expect(await read(configured, `${CURRENT}/certificates/${stored.id}`)).toMatchObject({
      not_valid_after: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
    // Whatever day the tests run on: a day of one digit has a blank before it.
    const { id } = await seed(server);
    await server.database.query("UPDATE keypairs SET not_after = '2035-09-01T15:07:25Z' WHERE id = $1", [id]);
    expect(await read(configured, `${LEGACY}/certificates/${id}`)).toMatchObject({
      not_valid_after: 'Sep  1 15:07:25 2035 GMT',
    });
  } finally {
    await configured.close();
  }
});
