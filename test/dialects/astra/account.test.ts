import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountId } from '../../../src/access/index.ts';
import { OPERATOR } from '../../../src/audit/index.ts';
import { certificateIdOf } from '../../../src/dialects/astra/identifier.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { certificatesOf, keep, makeAccount, UNKNOWN_ID } from './support/accounts.ts';
import { expectProblem } from './support/problems.ts';

let server: TestServer;
let account: AccountId;
/** Reaches {@link account} alone, and may do everything there. */
let bound: string;
beforeAll(async () => {
  server = await startServer();
  account = await makeAccount(server);
  bound = await server.tokenWith([], { superuser: true, reach: [`astra:${account}`] });
});
afterAll(() => server.close());

const COLLECTION_READS = [
  ['GET', ''],
  ['GET', '/bundle.pem'],
] as const;
const OTHERS = [
  ['POST', ''],
  ['GET', `/${UNKNOWN_ID}`],
  ['PUT', `/${UNKNOWN_ID}`],
  ['DELETE', `/${UNKNOWN_ID}`],
  ['PATCH', ''],
] as const;

/** Sends each request to an account, and expects one problem of those that show many certificates, and another one of the rest. */
async function expectOfAll(path: string, token: string, ofCollections: number, ofOthers: number): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  for (const [method, below] of COLLECTION_READS) {
    await expectProblem(server, { method, path: path + below, headers }, ofCollections);
  }
  for (const [method, below] of OTHERS) {
    await expectProblem(server, { method, path: path + below, headers }, ofOthers);
  }
}

test.each([
  'x',
  account4().toUpperCase(),
  account4().replaceAll('-', ''),
  `{${account4()}}`,
  `${account4()}%20`,
  '00000000-0000-0000-0000-000000000000',
  '0b9f6f0e-6a0b-1c1e-9d55-2f7d1b3c8a11',
  '0b9f6f0e-6a0b-4c1e-cd55-2f7d1b3c8a11',
])('33: an account’s id can not be %s', async (id) => {
  await expectOfAll(certificatesOf(id), server.token, 33, 33);
  await expectOfAll(certificatesOf(id), bound, 33, 33);
});

function account4(): string {
  return randomUUID();
}

test('an account that a token does not reach is answered alike, be it there or not', async () => {
  await expectOfAll(certificatesOf(await makeAccount(server)), bound, 2, 11);
  await expectOfAll(certificatesOf(UNKNOWN_ID), bound, 2, 11);
});

test('an account that is not there is called so to whom would reach it', async () => {
  await expectOfAll(certificatesOf(UNKNOWN_ID), server.token, 2, 18);
  const token = await server.tokenWith([], { superuser: true, reach: ['astra'] });
  await expectOfAll(certificatesOf('0b9f6f0e-6a0b-5c1e-cd55-2f7d1b3c8a11'), token, 2, 18);
});

test('an account that was deleted is not there any more, to those either who reach nothing else', async () => {
  const deleted = await makeAccount(server);
  const token = await server.tokenWith([], { superuser: true, reach: [`astra:${deleted}`] });
  const headers = { authorization: `Bearer ${token}` };
  const answer = await ask(server, { method: 'GET', path: certificatesOf(deleted), headers });
  expect(answer.status).toBeLessThan(300);
  await server.accounts.remove(OPERATOR, deleted);

  await expectOfAll(certificatesOf(deleted), token, 2, 18);
});

describe('one certificate', () => {
  test.each(['x', 'bundle', account4().toUpperCase(), '0b9f6f0e-6a0b-1c1e-9d55-2f7d1b3c8a11', 'bundle.pem2'])(
    '35: its id can not be %s',
    async (id) => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        await expectProblem(server, { method, path: `${certificatesOf(account)}/${id}` }, 35);
      }
    },
  );

  test.each([UNKNOWN_ID, '00000000-0000-0000-0000-000000000000', '0b9f6f0e-6a0b-5c1e-cd55-2f7d1b3c8a11'])(
    '2 of GET and PUT, 1 of DELETE: there is no %s',
    async (id) => {
      const path = `${certificatesOf(account)}/${id}`;
      await expectProblem(server, { method: 'GET', path }, 2);
      await expectProblem(server, { method: 'PUT', path }, 2);
      await expectProblem(server, { method: 'DELETE', path }, 1);
    },
  );

  test('of another account is not there, neither by this one’s path nor by that one’s', async () => {
    const other = await makeAccount(server);
    const id = await keep(server, other);
    const headers = { authorization: `Bearer ${bound}` };
    await expectProblem(server, { method: 'GET', path: `${certificatesOf(account)}/${id}`, headers }, 2);
    await expectProblem(server, { method: 'DELETE', path: `${certificatesOf(account)}/${id}` }, 1);
    await expectProblem(server, { method: 'GET', path: `${certificatesOf(other)}/${id}`, headers }, 11);
  });

  test('of another account is not told from none, to those either who see both and may delete neither', async () => {
    const [here, elsewhere] = [await keep(server, account), await keep(server, await makeAccount(server))];
    const rights = [here, elsewhere].map((id) => `view_certificatekeypair_certificate@${id}`);
    const headers = { authorization: `Bearer ${await server.tokenWith(rights, { reach: ['astra'] })}` };
    const path = `${certificatesOf(account)}/${elsewhere}`;
    await expectProblem(server, { method: 'PUT', path, headers }, 2);
    await expectProblem(server, { method: 'DELETE', path, headers }, 1);
  });

  test('that a caller does not see is not there, and one that is seen may not be touched for that', async () => {
    const id = await keep(server, account);
    const hidden = await keep(server, account);
    const right = `view_certificatekeypair_certificate@${id}`;
    const headers = { authorization: `Bearer ${await server.tokenWith([right], { reach: ['astra'] })}` };
    const path = (of: string) => `${certificatesOf(account)}/${of}`;
    expect((await ask(server, { method: 'GET', path: path(id), headers })).status).toBeLessThan(300);
    await expectProblem(server, { method: 'GET', path: path(hidden), headers }, 2);
    await expectProblem(server, { method: 'DELETE', path: path(hidden), headers }, 1);
    await expectProblem(server, { method: 'PUT', path: path(id), headers }, 11);
    await expectProblem(server, { method: 'DELETE', path: path(id), headers }, 11);
    await expectProblem(server, { method: 'POST', path: certificatesOf(account), headers }, 11);
  });

  test('a right to one of another account gives none in this one', async () => {
    const right = `view_certificatekeypair_certificate@${await keep(server, await makeAccount(server))}`;
    const headers = { authorization: `Bearer ${await server.tokenWith([right], { reach: ['astra'] })}` };
    const empty = certificatesOf(await makeAccount(server));
    for (const below of ['', '/bundle.pem', `/${UNKNOWN_ID}`, '/no-id']) {
      await expectProblem(server, { method: 'GET', path: empty + below, headers }, 11);
    }
  });
});

test('ids are UUIDs of version 4, of version 5 with any variant, and the nil one', () => {
  // Written anew from contract §1.
  const isOne = (id: string) =>
    id === '00000000-0000-0000-0000-000000000000' || (id[14] === '4' ? '89ab'.includes(id[19] ?? '') : id[14] === '5');
  const uuid = fc
    .stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    .map((id) => (id.charCodeAt(0) % 2 === 0 ? `${id.slice(0, 14)}4${id.slice(15)}` : id));
  fc.assert(
    fc.property(uuid, (id) => {
      expect(certificateIdOf(id)).toBe(isOne(id) ? id : undefined);
      expect(certificateIdOf(`${id}\n`)).toBeUndefined();
    }),
  );
});
