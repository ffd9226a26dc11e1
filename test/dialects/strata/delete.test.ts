import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import {
  expectEnvelope,
  expectError,
  NOT_AUTHENTICATED,
  NOT_PRESENT,
  read,
  UNAUTHORIZED,
  UNKNOWN_ID,
} from './support/envelope.ts';
import { BASES, type Seeded, seed } from './support/seed.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const IN_USE = { status: 409, code: 'E009', message: 'Reference Not Zero' };

/** A certificate that is stored as signed by another. */
const seedSigned = (signer: Seeded) => seed(server, { issuing: { signerId: signer.id, privateKeyExportable: true } });

describe.each(BASES)('§2, operation 4: DELETE %s/certificates/{id}', (base) => {
  const pathOf = ({ id }: Pick<Seeded, 'id'>) => `${base}/certificates/${id}`;

  test('200: the certificate as it was, in JSON, and afterwards there is none', async () => {
    const stored = await seed(server);
    const before = await read(server, pathOf(stored));

    const answer = await ask(server, { method: 'DELETE', path: pathOf(stored) });
    expect([answer.status, answer.headers['content-type'], JSON.parse(answer.text)]).toEqual([
      200,
      'application/json',
      before,
    ]);
    await expectError(server, { method: 'GET', path: pathOf(stored) }, NOT_PRESENT);
    await expectError(server, { method: 'DELETE', path: pathOf(stored) }, NOT_PRESENT);
    expect(
      await server.database.query('SELECT keypair_id FROM sealed_secrets WHERE keypair_id = $1', [stored.id]),
    ).toEqual([]);
  });

  test.each([
    ['no body', undefined, 'application/json'],
    ['an empty body', '', 'application/json'],
    ['an object', '{}', 'application/json'],
    ['what is no JSON', '{', 'application/json'],
    ['a body of another type', 'x', 'text/plain'],
  ])('200: with %s, whatever it is', async (_what, body, type) => {
    const stored = await seed(server);
    const asking = { method: 'DELETE', path: pathOf(stored), body, headers: { 'content-type': type } };

    expect((await ask(server, asking)).status).toBe(200);
  });

  test('413: with a body over the limit', async () => {
    const asking = { method: 'DELETE', path: pathOf(await seed(server)), body: 'x'.repeat(0x100001) };
    await expectError(server, asking, { status: 413, code: 'TOO_LARGE', message: 'Request Too Large' });
  });

  test('401 without a token, 403 without the right to delete; it stays', async () => {
    const stored = await seed(server);
    const asking = { method: 'DELETE', path: pathOf(stored) };
    await expectError(server, { ...asking, headers: { authorization: null } }, NOT_AUTHENTICATED);
    const token = await server.tokenWith(['view_certificatekeypair_certificate'], { reach: ['strata'] });
    await expectError(server, { ...asking, headers: { authorization: `Bearer ${token}` } }, UNAUTHORIZED);
    expect(await read(server, pathOf(stored))).toMatchObject({ id: stored.id });
  });

  test.each([UNKNOWN_ID, 'no-uuid'])('404: no certificate has the id %s', async (id) => {
    await expectError(server, { method: 'DELETE', path: `${base}/certificates/${id}` }, NOT_PRESENT);
  });

  test('409: a signer stays for as long as what it signed is stored, and each of these is named', async () => {
    const signer = await seed(server);
    const [first, second] = [await seedSigned(signer), await seedSigned(signer)];
    const answer = await expectError(
      server,
      { method: 'DELETE', path: pathOf(signer) },
      { ...IN_USE, says: 'it signed 2 that are stored' },
    );
    for (const { name } of [first, second]) {
      expect(answer.text).toContain(`certificate '${name}' was signed by it`);
    }

    for (const each of [first, second, signer]) {
      expect((await ask(server, { method: 'DELETE', path: pathOf(each) })).status).toBe(200);
    }
  });

  test('409: what the caller does not see is counted and not named', async () => {
    const signer = await seed(server);
    const [seen, unseen] = [await seedSigned(signer), await seedSigned(signer)];
    const token = await server.tokenWith(
      [
        `view_certificatekeypair_certificate@${signer.id}`,
        `view_certificatekeypair_certificate@${seen.id}`,
        `delete_certificatekeypair@${signer.id}`,
      ],
      { reach: ['strata'] },
    );
    const headers = { authorization: `Bearer ${token}` };

    const answer = await ask(server, { method: 'DELETE', path: pathOf(signer), headers });
    expectEnvelope(answer, { ...IN_USE, says: 'it signed 2 that are stored' });
    expect(answer.text).toContain(seen.name);
    expect(answer.text).not.toContain(unseen.name);
  });
});

test.each([
  ['that the caller may see, and not delete', false, UNAUTHORIZED],
  ['that the caller does not see, which is answered as one that is not there', true, NOT_PRESENT],
])(
  'a refused deletion of a certificate %s leaves an event that names it and the operation',
  async (_which, isHidden, refusal) => {
    const [stored, other] = [await seed(server), await seed(server)];
    const visible = isHidden ? other : stored;
    const grants = ['view_certificatekeypair_certificate', 'delete_certificatekeypair'].map(
      (right) => `${right}@${other.id}`,
    );
    const token = await server.tokenWith([...grants, `view_certificatekeypair_certificate@${visible.id}`], {
      reach: ['strata'],
    });
    const path = `${BASES[0]}/certificates/${stored.id}`;
    await expectError(server, { method: 'DELETE', path, headers: { authorization: `Bearer ${token}` } }, refusal);

    await until(async () => {
      const events = await server.database.query<{ context: object }>(
        "SELECT context FROM events WHERE action = 'suspicious_request'",
      );
      const texts = events.map((event) => JSON.stringify(event));
      const pk = stored.id.replaceAll('-', '');
      return texts.some((text) => text.includes('strata.certificates.delete') && text.includes(pk));
    });
  },
);
