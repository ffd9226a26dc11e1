import { randomUUID, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { present } from '../../support/present.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { made, TOKENS } from '../authentik/tokens/support/api.ts';
import { CURRENT, type Envelope, generated, LEGACY, refused, soundBody } from './support/generate.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ keyGenerationSlots: 1, keyGenerationQueueLength: 1 });
});
afterAll(() => server.close());

async function get(path: string): Promise<unknown> {
  return (await server.request('GET', path)).json();
}

const as = (token: string) => ({ authorization: `Bearer ${token}` });

describe.each([CURRENT, LEGACY])('POST %s', (path) => {
  test('201: the certificate as GET shows it, with every field of the contract', async () => {
    const folder = `shown ${randomUUID()}`;
    const shown = await generated(server, { folder, common_name: 'a.test', country_code: 'FR', state: 'Rhône' }, path);

    const { validFrom, validTo } = new X509Certificate(shown.public_key);
    const subject = '/C=FR/ST=Rh\\xC3\\xB4ne/CN=a.test';
    expect(shown).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      name: shown.name,
      folder,
      algorithm: 'EC',
      ca: false,
      common_name: 'a.test',
      common_name_int: 'a.test',
      expiry_epoch: String(Date.parse(validTo) / 1000),
      issuer: subject,
      issuer_hash: shown.subject_hash,
      subject,
      subject_hash: expect.stringMatching(/^[0-9a-f]{8}$/),
      subject_int: subject,
      not_valid_before: new Date(validFrom).toISOString().slice(0, 10),
      not_valid_after: new Date(validTo).toISOString().slice(0, 10),
      public_key: expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n$/),
    });
    expect(await get(`${path}/${shown.id}`)).toEqual(shown);
  });

  test('400 Missing Body, and Input Format Mismatch for what is no JSON', async () => {
    expect(await refused(server, undefined, path)).toMatchObject({
      status: 400,
      code: 'E003',
      message: 'Missing Body',
    });
    expect(await refused(server, '{"folder":', path)).toMatchObject({
      status: 400,
      code: 'E003',
      message: 'Input Format Mismatch: input-format=json',
      errorType: 'Input Format Mismatch',
    });
  });

  test('401 E016 without a token and with an unknown one', async () => {
    for (const [authorization, message] of [
      ['', 'Not Authenticated'],
      ['Bearer unknown', 'Invalid Credential'],
    ]) {
      const response = await server.request('POST', path, soundBody(), { authorization: authorization ?? '' });
      expect([response.status, await response.json()]).toMatchObject([401, { _errors: [{ code: 'E016', message }] }]);
    }
  });

  test('403 E007 without the right to add, whatever the body is', async () => {
    const grants = ['view_certificatekeypair_certificate'];
    const token = await server.tokenWith(grants, { reach: ['strata'] });
    const response = await server.request('POST', path, '{', as(token));
    expect([response.status, await response.json()]).toMatchObject([403, { _errors: [{ code: 'E007' }] }]);
  });

  test('409 E006 names the certificate and its container; the first one stays', async () => {
    const first = await generated(server, {}, path);
    expect(await refused(server, soundBody({ certificate_name: first.name }), path)).toEqual({
      status: 409,
      code: 'E006',
      message: 'Name Not Unique',
      errorType: 'Name Not Unique',
      details: [`certificate '${first.name}' already exists in folder 'Shared'`],
    });
    expect(await get(`${CURRENT}/${first.id}`)).toEqual(first);
  });
});

test('a name is free in another container, of another kind, and in another tenant', async () => {
  const certificate_name = randomUUID();
  await generated(server, { certificate_name });
  await generated(server, { certificate_name, folder: 'Elsewhere' });
  await generated(server, { certificate_name, folder: undefined, snippet: 'Shared' });
  const elsewhere = await server.tokenWith([], { superuser: true, reach: ['strata:77'] });
  const response = await server.request('POST', CURRENT, soundBody({ certificate_name }), as(elsewhere));
  expect(response.status).toBe(201);
});

test('a signer is one that the caller sees: a token bound to another certificate does not find it', async () => {
  const [seen, unseen] = [await generated(server, CA), await generated(server, CA)];
  const grants = ['add_certificatekeypair', `view_certificatekeypair_certificate@${seen.id}`];
  const token = await server.tokenWith(grants, { reach: ['strata'] });
  const sign = async (signed_by: string) => {
    const body = soundBody({ signed_by, day_till_expiration: 30 });
    const response = await server.request('POST', CURRENT, body, as(token));
    return [response.status, JSON.stringify(await response.json())];
  };
  expect((await sign(seen.name))[0]).toBe(201);
  const [status, body] = await sign(unseen.name);
  expect([status, body]).toEqual([400, expect.stringContaining('signed_by: there is no such certificate')]);
});

const CA = { is_certificate_authority: true };

test('a signer is of the same container and tenant', async () => {
  const root = await generated(server, CA);
  for (const place of [{ folder: 'Elsewhere' }, { folder: undefined, snippet: 'Shared' }]) {
    const { status, details } = await refused(server, soundBody({ ...place, signed_by: root.name }));
    expect([status, details]).toEqual([400, ['signed_by: there is no such certificate in this container']]);
  }
});

test('is_block_privateKey is kept, the key is stored sealed, and the row names its signer', async () => {
  const root = await generated(server, { ...CA, is_block_privateKey: true });
  const child = await generated(server, { signed_by: root.name, day_till_expiration: 30 });
  const rows = await server.database.query(
    `SELECT id, signer_id, private_key_exportable, private_key_seal_revision, certificate_data
     FROM keypairs WHERE id IN ('${root.id}', '${child.id}') ORDER BY created_at`,
  );
  const sealed = { private_key_seal_revision: 1 };
  expect(rows).toEqual([
    { id: root.id, signer_id: null, private_key_exportable: false, certificate_data: root.public_key, ...sealed },
    { id: child.id, signer_id: root.id, private_key_exportable: true, certificate_data: child.public_key, ...sealed },
  ]);
});

test('the event of the creation names the place and the signer', async () => {
  const root = await generated(server, CA);
  const child = await generated(server, { signed_by: root.name, day_till_expiration: 30 });
  const hex = (id: string) => id.replaceAll('-', '');
  const { results } = (await get(`/api/v3/events/events/?context_model_pk=${hex(child.id)}`)) as {
    results: { action: string; context: object }[];
  };
  expect(results).toMatchObject([
    {
      action: 'model_created',
      context: {
        model: { name: child.name },
        placement: { realm: 'strata', scope: '1000000000/folder:Shared' },
        signer: { pk: hex(root.id) },
      },
    },
  ]);
});

/** Generates by a token of `fields` that `during` happens to, while the generation waits for its turn; tried until it did wait. */
async function whileWaiting(fields: object, during: (token: string) => Promise<unknown>) {
  const probes: Response[] = [];
  let outcome: unknown[] = [];
  // A generation may end between two of the requests; then the attempt shows nothing and another one is made.
  await until(async () => {
    const permissions = ['add_certificatekeypair', 'view_certificatekeypair_certificate'];
    const { key, identifier } = await made(server, { permissions, ...fields });
    const [slow, late] = [soundBody({ algorithm: { rsa_number_of_bits: 4096 } }), soundBody()];
    const running = server.request('POST', CURRENT, slow);
    // A round trip of another request leaves each the time to take its place.
    await get(PAIRS);
    const waiting = server.request('POST', CURRENT, late, as(key));
    await get(PAIRS);
    const probe = await server.request('POST', CURRENT, soundBody());
    await during(`${TOKENS}${identifier}/`);
    const name = String(late['certificate_name']);
    const statuses = [(await running).status, (await waiting).status];
    outcome = [...statuses, await server.database.query(`SELECT id FROM keypairs WHERE name = '${name}'`)];
    probes.push(probe);
    return probe.status === 503;
  }, 50_000);
  return { probe: present(probes.at(-1)), outcome };
}

test('503 UNAVAILABLE with Retry-After while too many wait; a token revoked while its key waits has nothing stored', async () => {
  const { probe, outcome } = await whileWaiting({ reach: ['strata'] }, (token) => server.request('DELETE', token));
  const { _errors: errors } = JSON.parse(await probe.text()) as Envelope;
  expect([errors[0].code, Number(probe.headers.get('retry-after')) > 0]).toEqual(['UNAVAILABLE', true]);
  expect(outcome).toEqual([201, 401, []]);
});

test('a token that was given another tenant while its key waits has nothing stored in the one before', async () => {
  const { outcome } = await whileWaiting({ reach: ['strata:41'] }, (token) =>
    server.request('PATCH', token, { reach: ['strata:42'] }),
  );
  expect(outcome).toEqual([201, 403, []]);
});
