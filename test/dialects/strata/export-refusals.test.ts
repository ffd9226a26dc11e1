import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { BASES, base64, exported, type Fields, imported, post, refusalIn } from './support/files.ts';

const { certificate, privateKey } = opensslPair('refused.example');
const PASSPHRASE = 'canary-of-a-refusal-0123456789';
const KEY_FORMATS = ['pkcs12', 'pem'] as const;

let server: TestServer;
/** With a key, without one, and with one that must not leave. */
let whole: string;
let keyless: string;
let blocked: string;
/** A token that sees certificates and no keys. */
let viewer: string;
beforeAll(async () => {
  server = await startServer();
  const store = async (fields: Fields) =>
    (await imported(server, { certificate_file: base64(certificate), ...fields })).body.id;
  whole = await store({ key_file: base64(privateKey) });
  keyless = await store({});
  blocked = await store({ key_file: base64(privateKey) });
  await server.database.query(`UPDATE keypairs SET private_key_exportable = false WHERE id = '${blocked}'`);
  viewer = await server.tokenWith(['view_certificatekeypair_certificate'], { reach: ['strata'] });
});
afterAll(() => server.close());

const INVALID = { status: 400, code: 'E003', errorType: 'Invalid Object' };
const UNAUTHORIZED = { status: 403, code: 'E007', errorType: 'Unauthorized' };
const NOT_PRESENT = { status: 404, code: 'E005', errorType: 'Object Not Present' };
const about = (field: string) => ({ ...INVALID, details: [expect.stringMatching(new RegExp(`^${field}: \\S`))] });

interface Told {
  readonly action: string;
  readonly context: Fields & { readonly type?: string };
}

/** What the audit trail tells of a certificate, oldest first. */
async function toldOf(id: string, action: string): Promise<Told[]> {
  const query = `?context_model_pk=${id.replaceAll('-', '')}&action=${action}&ordering=created&page_size=100`;
  const response = await server.request('GET', `/api/v3/events/events/${query}`);
  return ((await response.json()) as { results: Told[] }).results;
}

async function toldBy(id: string, action: string, act: () => Promise<unknown>): Promise<Told[]> {
  const before = (await toldOf(id, action)).length;
  await act();
  return (await toldOf(id, action)).slice(before);
}

describe.each(BASES)('%s', (base) => {
  test('401 E016 of nobody, and of a token that is not let in', async () => {
    const url = `${server.url}${base}/certificates/${whole}:export`;
    const { status } = await fetch(url, { method: 'POST', body: '{"format":"pem"}' });
    const unknown = await exported(server, whole, { format: 'pem' }, { base, token: 'unknown' });

    expect(status).toBe(401);
    expect(refusalIn(unknown)).toMatchObject({ status: 401, code: 'E016', errorType: 'Invalid Credential' });
  });

  test('403 E007 of a token that sees no certificate', async () => {
    const token = await server.tokenWith(['add_certificatekeypair'], { reach: ['strata'] });
    expect(refusalIn(await exported(server, whole, { format: 'pem' }, { base, token }))).toMatchObject(UNAUTHORIZED);
  });

  test('404 E005 of what is not there, and of what is no id', async () => {
    expect(refusalIn(await exported(server, randomUUID(), { format: 'pem' }, { base }))).toMatchObject(NOT_PRESENT);
    expect(refusalIn(await exported(server, 'no-id', { format: 'pem' }, { base }))).toMatchObject(NOT_PRESENT);
  });

  test('404 E005 of a certificate of another tenant', async () => {
    const token = await server.tokenWith([], { superuser: true, reach: ['strata:4711'] });
    expect(refusalIn(await exported(server, whole, { format: 'pem' }, { base, token }))).toMatchObject(NOT_PRESENT);
  });

  test.each(KEY_FORMATS)('403 E007, and an event, of a key as %s for a caller who may not see keys', async (format) => {
    const fields = { format, passphrase: PASSPHRASE };
    const seen = await toldOf(whole, 'secret_view');
    const told = await toldBy(whole, 'suspicious_request', async () => {
      expect(refusalIn(await exported(server, whole, fields, { base, token: viewer }))).toMatchObject(UNAUTHORIZED);
    });

    expect(told).toHaveLength(1);
    expect(told[0]?.context).toMatchObject({
      operation: 'strata.certificates.export',
      reason: 'PERMISSION_DENIED',
      secret: { pk: whole.replaceAll('-', '') },
    });
    expect(JSON.stringify(told)).not.toContain(PASSPHRASE);
    expect(await toldOf(whole, 'secret_view')).toEqual(seen);
  });

  test('a blocked key is refused as pkcs12, and left out of pem', async () => {
    const file = await exported(server, blocked, { format: 'pkcs12', passphrase: PASSPHRASE }, { base });
    const pem = await exported(server, blocked, { format: 'pem', passphrase: PASSPHRASE }, { base });

    expect(refusalIn(file)).toMatchObject({ ...UNAUTHORIZED, details: [expect.stringContaining('must not leave')] });
    expect(pem.body).toEqual({ certificate: base64(certificate) });
  });
});

test('a blocked key signs a request, and nothing more than that leaves', async () => {
  const told = await toldBy(blocked, 'secret_view', async () => {
    expect((await exported(server, blocked, { format: 'pkcs10' })).status).toBe(201);
    expect((await exported(server, blocked, { format: 'der' })).status).toBe(201);
  });
  expect(told.map(({ context }) => context.type)).toEqual(['certificate', 'certificate']);
});

test('a caller who may not see keys is given what holds none', async () => {
  const formats = [{ format: 'pem' }, { format: 'der' }, { format: 'pkcs10' }];
  for (const fields of formats) {
    expect((await exported(server, whole, fields, { token: viewer })).status).toBe(201);
  }
  const onKeyless = await exported(server, keyless, { format: 'pem', passphrase: PASSPHRASE }, { token: viewer });
  expect(onKeyless.status).toBe(201);
});

test('a right on this one certificate and its key is enough', async () => {
  const grants = ['view_certificatekeypair_certificate', 'view_certificatekeypair_key'].map(
    (right) => `${right}@${whole}`,
  );
  const token = await server.tokenWith(grants, { reach: ['strata'] });
  expect((await exported(server, whole, { format: 'pkcs12', passphrase: PASSPHRASE }, { token })).status).toBe(201);
  expect((await exported(server, keyless, { format: 'pem' }, { token })).status).toBe(404);
});

test.each([
  ['pem', '', 'certificate'],
  ['der', PASSPHRASE, 'certificate'],
  ['pkcs10', '', 'certificate'],
  ['pem', PASSPHRASE, 'private_key'],
  ['pkcs12', PASSPHRASE, 'private_key'],
])('an export as %s under "%s" is told once, as the view of a %s', async (format, passphrase, type) => {
  const told = await toldBy(whole, 'secret_view', () => exported(server, whole, { format, passphrase }));
  expect(told.map(({ context }) => context.type)).toEqual([type]);
});

const long = (length: number) => 'x'.repeat(length);

describe('400 E003 naming the field:', () => {
  test.each<[what: string, field: string, fields: Fields]>([
    ['no format', 'format', {}],
    ['a format in capitals', 'format', { format: 'PEM' }],
    ['an unknown format', 'format', { format: 'jks' }],
    ['a format that is a number', 'format', { format: 1 }],
    ['PKCS#12 without a passphrase', 'passphrase', { format: 'pkcs12' }],
    ['PKCS#12 with an empty one', 'passphrase', { format: 'pkcs12', passphrase: '' }],
    ['a passphrase of 1025 characters', 'passphrase', { format: 'pkcs12', passphrase: long(1025) }],
    ['a passphrase that is a number', 'passphrase', { format: 'pem', passphrase: 1 }],
  ])('%s, and no event', async (_what, field, fields) => {
    const told = await toldBy(whole, 'secret_view', async () => {
      expect(refusalIn(await exported(server, whole, fields))).toEqual(about(field));
    });
    expect(told).toEqual([]);
  });

  test.each(['pkcs12', 'pkcs10'])('%s of a certificate without a key', async (format) => {
    const answer = await exported(server, keyless, { format, passphrase: PASSPHRASE });
    expect(refusalIn(answer)).toEqual(about('format'));
  });

  test('no body', async () => {
    const answer = await post(server, `/certificates/${whole}:export`, undefined);
    expect(refusalIn(answer)).toMatchObject({ status: 400, code: 'E003', errorType: 'Missing Body' });
  });
});

test('a passphrase of 1024 characters is taken', async () => {
  const { status } = await exported(server, whole, { format: 'pkcs12', passphrase: long(1024) });
  expect(status).toBe(201);
});
