import { afterAll, beforeAll, expect, test } from 'vitest';
import { needlesOf } from '../../support/leaks/needles.ts';
import { registerSecret } from '../../support/leaks/secrets.ts';
import { opensslPair } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { BASES, base64, exported, type Fields, imported, opensslAmong, shown } from './support/files.ts';

const PASSPHRASE = 'canary/of+an-owner-0123456789';
const WRONG = 'canary/of+a-stranger-0123456789';
const { certificate, privateKey } = opensslPair('secret.example');
const other = opensslPair('other.example');
const encrypted = opensslAmong({ key: privateKey }, [
  'pkcs8',
  '-topk8',
  '-in',
  'key',
  '-passout',
  `pass:${PASSPHRASE}`,
]);

let server: TestServer;
beforeAll(async () => {
  registerSecret('passphrase', PASSPHRASE);
  registerSecret('passphrase', WRONG);
  server = await startServer();
});
afterAll(() => server.close());

const keyNeedles = [privateKey, other.privateKey].flatMap(needlesOf);
const passphraseNeedles = [PASSPHRASE, WRONG].flatMap((secret) => [secret, ...needlesOf(secret)]);
const leakedIn = (text: string, needles: readonly string[]) => needles.filter((needle) => text.includes(needle));

const file = base64(certificate);
const key_file = base64(privateKey);

test.each<[what: string, fields: Fields]>([
  ['that is sound', { certificate_file: file, key_file, passphrase: PASSPHRASE }],
  ['with the key in its certificate file', { certificate_file: base64(certificate + privateKey) }],
  ['of an encrypted key', { certificate_file: file, key_file: base64(encrypted), passphrase: PASSPHRASE }],
  ['under a wrong passphrase', { certificate_file: file, key_file: base64(encrypted), passphrase: WRONG }],
  ['with the key of another', { certificate_file: file, key_file: base64(other.privateKey) }],
  ['of two keys', { certificate_file: base64(certificate + privateKey + other.privateKey) }],
  ['with the key as its name', { certificate_file: file, name: privateKey }],
  ['with the key in place of its format', { certificate_file: file, format: privateKey }],
  ['with a passphrase that is a list', { certificate_file: file, passphrase: [PASSPHRASE, privateKey] }],
  ['with a damaged key', { certificate_file: file, key_file: privateKey.replace('MIG', 'MIH') }],
])('the answer to an import %s holds no secret of it', async (_what, fields) => {
  for (const base of BASES) {
    const answer = await imported(server, fields, { base });
    expect(leakedIn(JSON.stringify(answer), [...keyNeedles, ...passphraseNeedles])).toEqual([]);
  }
});

test('an export holds the key under its passphrase alone, and the logs and events nothing of either', async () => {
  const { body } = await imported(server, { certificate_file: file, key_file });
  for (const format of ['pem', 'pkcs12', 'der', 'pkcs10']) {
    const answer = await exported(server, body.id, { format, passphrase: PASSPHRASE });
    const text = Buffer.from(String(answer.body['certificate']), 'base64').toString('latin1');
    expect(leakedIn(JSON.stringify(answer) + text, [...keyNeedles, ...passphraseNeedles])).toEqual([]);
  }
  const events = await server.request('GET', `/api/v3/events/events/?page_size=100`);
  const told = (await events.text()) + JSON.stringify(server.log());
  expect(leakedIn(told, [...keyNeedles, ...passphraseNeedles])).toEqual([]);
});

test('a blocked key leaves by no format and by no field', async () => {
  const { body } = await imported(server, { certificate_file: base64(certificate + privateKey) });
  await server.database.query(`UPDATE keypairs SET private_key_exportable = false WHERE id = '${body.id}'`);
  const answers: Array<{ readonly body?: Fields }> = [];
  for (const base of BASES) {
    for (const format of ['pem', 'pkcs12', 'der', 'pkcs10']) {
      for (const passphrase of [undefined, '', PASSPHRASE]) {
        answers.push(await exported(server, body.id, { format, passphrase }, { base }));
      }
    }
    answers.push({ body: await shown(server, body.id) });
  }
  const files = answers.map((answer) => Buffer.from(String(answer.body?.['certificate']), 'base64').toString('latin1'));
  const told = await (await server.request('GET', `/api/v3/events/events/?action=secret_view&page_size=100`)).text();

  expect(leakedIn(JSON.stringify([answers, files]) + told + JSON.stringify(server.log()), keyNeedles)).toEqual([]);
  expect(files.join('')).not.toContain('PRIVATE KEY');
  expect(told).not.toContain(`"type":"private_key","secret":{"pk":"${body.id.replaceAll('-', '')}"`);
});

test('an export that can not be told is not sent', async () => {
  const { body } = await imported(server, { certificate_file: file, key_file });
  await server.database.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$`);
  await server.database.query('CREATE TRIGGER refuse BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse()');
  for (const format of ['pem', 'pkcs12', 'der', 'pkcs10']) {
    const answer = await exported(server, body.id, { format, passphrase: PASSPHRASE });
    expect(answer.status).toBe(503);
    expect(Object.keys(answer.body)).toEqual(['_errors', '_request_id']);
  }
  await server.database.query('DROP TRIGGER refuse ON events');
});
