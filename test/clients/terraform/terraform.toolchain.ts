import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { CHANGES, NO_CHANGES, openWorkspace, type Variables, type Workspace } from './workspace.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** As a configuration has them that takes them from Terraform's `tls` provider: with a newline at their ends. */
function freshVariables(words: string): Required<Variables> {
  const { certificate, privateKey } = opensslPair();
  return { name: `${words} ${randomUUID()}`, certificate, private_key: privateKey };
}

async function expectNoChanges(workspace: Workspace, variables: Variables): Promise<void> {
  const { exitCode, output } = await workspace.plan(variables);
  expect(exitCode, output).toBe(NO_CHANGES);
}

async function storedTexts(id: string): Promise<unknown[]> {
  const paths = [`${PAIRS}${id}/view_certificate/`, `${PAIRS}${id}/view_private_key/`];
  const answers = await Promise.all(paths.map(async (path) => (await server.request('GET', path)).json()));
  return answers.map((answer) => (answer as { data: string }).data);
}

test('a plan that follows an apply is empty', async () => {
  const workspace = await openWorkspace(server);
  const variables = freshVariables('applied');
  expect((await workspace.plan(variables)).exitCode).toBe(CHANGES);
  await workspace.apply(variables);
  await expectNoChanges(workspace, variables);
  expect(await storedTexts(await workspace.output('id'))).toEqual([
    variables.certificate.trim(),
    variables.private_key.trim(),
  ]);
});

test('a changed name, certificate and key change the same pair, and the plan after that is empty', async () => {
  const workspace = await openWorkspace(server);
  await workspace.apply(freshVariables('before'));
  const id = await workspace.output('id');

  const variables = freshVariables('after');
  expect((await workspace.plan(variables)).exitCode).toBe(CHANGES);
  await workspace.apply(variables);
  await expectNoChanges(workspace, variables);
  expect(await workspace.output('id')).toBe(id);
  expect(await (await server.request('GET', `${PAIRS}${id}/`)).json()).toMatchObject({ name: variables.name });
  expect(await storedTexts(String(id))).toEqual([variables.certificate.trim(), variables.private_key.trim()]);
});

test('the data source finds a pair by its name, with the certificate and the key as they were configured', async () => {
  const workspace = await openWorkspace(server);
  const variables = freshVariables('found');
  await workspace.apply(variables);
  const id = await workspace.output('id');
  const described = (await (await server.request('GET', `${PAIRS}${id}/`)).json()) as Record<string, string>;
  expect(await workspace.output('found')).toMatchObject({
    id,
    name: variables.name,
    certificate_data: variables.certificate,
    key_data: variables.private_key,
    subject: described['cert_subject'],
    fingerprint1: described['fingerprint_sha1'],
    fingerprint256: described['fingerprint_sha256'],
  });
});

test('a change that somebody else made shows in the plan, and an apply takes it back', async () => {
  const workspace = await openWorkspace(server);
  const variables = freshVariables('drifted');
  await workspace.apply(variables);
  const id = await workspace.output('id');
  await server.request('PATCH', `${PAIRS}${id}/`, { name: `${variables.name} by hand` });

  expect((await workspace.plan(variables)).exitCode).toBe(CHANGES);
  await workspace.apply(variables);
  expect(await (await server.request('GET', `${PAIRS}${id}/`)).json()).toMatchObject({ name: variables.name });
  await expectNoChanges(workspace, variables);
});

test('a destroyed pair is gone', async () => {
  const workspace = await openWorkspace(server);
  const variables = freshVariables('destroyed');
  await workspace.apply(variables);
  const id = await workspace.output('id');
  await workspace.destroy(variables);
  expect((await server.request('GET', `${PAIRS}${id}/`)).status).toBe(404);
});

test('a pair that somebody else deleted is planned anew', async () => {
  const workspace = await openWorkspace(server);
  const variables = freshVariables('deleted by hand');
  await workspace.apply(variables);
  await server.request('DELETE', `${PAIRS}${await workspace.output('id')}/`);
  const { exitCode, output } = await workspace.plan(variables);
  expect(exitCode, output).toBe(CHANGES);
  expect(output).toContain('authentik_certificate_key_pair.stored will be created');
});

// The provider writes a newline into its state for the key that there is not, with authentik as with us.
test('a pair without a key is stored, and the provider plans for ever to take away the key that there is not', async () => {
  const workspace = await openWorkspace(server);
  const { name, certificate } = freshVariables('without a key');
  await workspace.apply({ name, certificate });
  const id = await workspace.output('id');
  expect(await storedTexts(String(id))).toEqual([certificate.trim(), '']);

  for (const _time of ['first', 'second']) {
    const { exitCode, output } = await workspace.plan({ name, certificate });
    expect(exitCode, output).toBe(CHANGES);
    expect(output).toContain('Plan: 0 to add, 1 to change, 0 to destroy.');
    await workspace.apply({ name, certificate });
    expect(await storedTexts(String(id))).toEqual([certificate.trim(), '']);
  }
});

test('a pair without a key has an empty plan where the configuration gives a newline for the key', async () => {
  const workspace = await openWorkspace(server);
  const variables = { ...freshVariables('a newline for the key'), private_key: '\n' };
  await workspace.apply(variables);
  await expectNoChanges(workspace, variables);
  expect(await storedTexts(await workspace.output('id'))).toEqual([variables.certificate.trim(), '']);
});

// The provider leaves an empty key out of its PUT, and a PUT without a key keeps the key.
test('a key that the configuration takes away stays, with authentik as with us', async () => {
  const workspace = await openWorkspace(server);
  const variables = freshVariables('key taken away');
  await workspace.apply(variables);
  const id = String(await workspace.output('id'));

  const { name, certificate } = variables;
  await workspace.apply({ name, certificate });
  expect(await storedTexts(id)).toEqual([certificate.trim(), variables.private_key.trim()]);
  expect((await workspace.plan({ name, certificate })).exitCode).toBe(CHANGES);
});
