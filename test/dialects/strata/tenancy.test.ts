import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTAINER_KINDS, containerAt, placementOf, tsgIdOf } from '../../../src/dialects/strata/tenancy.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { expectError, INVALID_CREDENTIAL, NOT_PRESENT, read, UNAUTHORIZED } from './support/envelope.ts';
import { CURRENT, DEFAULT_TSG, seed, tsgOf } from './support/seed.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const tsg = fc.stringMatching(/^\d{1,20}$/).map(tsgOf);
const container = fc.record({
  kind: fc.constantFrom(...CONTAINER_KINDS),
  name: fc.stringMatching(/^[a-zA-Z\d\-_. ]{1,64}$/),
});

test('a scope says of which tenant and container it is, and no two share one', () => {
  fc.assert(
    fc.property(tsg, container, tsg, container, (one, inOne, other, inOther) => {
      const { scope } = placementOf(one, inOne);
      expect(containerAt(scope)).toEqual({ tsg: one, ...inOne });
      const isSame = one === other && inOne.kind === inOther.kind && inOne.name === inOther.name;
      expect(placementOf(other, inOther).scope === scope).toBe(isSame);
    }),
  );
});

test('what is no container’s scope is in none', () => {
  for (const scope of [
    '',
    '1',
    '1/',
    '1/folder:',
    '1/other:x',
    'x/folder:y',
    '/folder:x',
    `${'1'.repeat(21)}/folder:x`,
  ]) {
    expect(containerAt(scope)).toBeUndefined();
  }
  for (const text of ['', 'a', '1a', '-1', ' 1', '1\n', '1'.repeat(21)]) {
    expect(tsgIdOf(text)).toBeUndefined();
  }
});

async function namesOf(reach: readonly string[]): Promise<readonly string[]> {
  const token = await server.tokenWith([], { superuser: true, reach });
  const { data } = await read<{ data: { name: string }[] }>(server, `${CURRENT}/certificates?folder=whose`, token);
  return data.map(({ name }) => name);
}

test('a token speaks for the one tenant that it reaches, otherwise for the configured one', async () => {
  const folder = { kind: 'folder', name: 'whose' } as const;
  await seed(server, { container: folder, name: 'of the configured' });
  await seed(server, { container: folder, name: 'of 42', tsg: tsgOf('42') });

  expect(await namesOf(['strata:42'])).toEqual(['of 42']);
  expect(await namesOf(['strata:42', 'authentik', 'astra:x'])).toEqual(['of 42']);
  expect(await namesOf(['strata'])).toEqual(['of the configured']);
  expect(await namesOf(['strata:42', `strata:${DEFAULT_TSG}`])).toEqual(['of the configured']);
});

test.each([
  ['two tenants, neither the configured one', ['strata:42', 'strata:43']],
  ['what is no tenant', ['strata:x']],
  ['another realm', ['authentik', 'astra']],
])('a token that reaches %s is not let in', async (_what, reach) => {
  const token = await server.tokenWith([], { superuser: true, reach });
  const headers = { authorization: `Bearer ${token}` };
  await expectError(server, { method: 'GET', path: `${CURRENT}/certificates?folder=x`, headers }, INVALID_CREDENTIAL);
});

test('who sees single certificates of another tenant alone sees no list of this one, be it empty', async () => {
  const { id } = await seed(server, { tsg: tsgOf('42') });
  const token = await server.tokenWith([`view_certificatekeypair_certificate@${id}`], { reach: ['strata'] });
  const headers = { authorization: `Bearer ${token}` };
  await expectError(server, { method: 'GET', path: `${CURRENT}/certificates?folder=x`, headers }, UNAUTHORIZED);
});

test('a tenant in a header, a query or another header of a token is not listened to', async () => {
  const { id } = await seed(server, { tsg: tsgOf('42') });
  const headers = { 'prisma-tenant': '42', 'x-auth-jwt': 'nope', 'x-panw-region': 'nowhere' };
  await expectError(server, { method: 'GET', path: `${CURRENT}/certificates/${id}?tsg_id=42`, headers }, NOT_PRESENT);
});

test('what stands in no container, such as the keys that sign access tokens, is found by no route', async () => {
  const { id } = await seed(server);
  await server.database.query("UPDATE keypairs SET scope = '' WHERE id = $1", [id]);

  for (const method of ['GET', 'DELETE']) {
    expect((await ask(server, { method, path: `${CURRENT}/certificates/${id}` })).status).toBe(404);
  }
});
