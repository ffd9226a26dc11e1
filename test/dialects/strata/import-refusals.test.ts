import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { present } from '../../support/present.ts';
import { quickest } from '../../support/quickest.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { certBag, keyBag, pfx, safe } from '../../x509/pkcs12/support/build.ts';
import {
  BASES,
  base64,
  bodyOf,
  type Fields,
  fromBase64,
  imported,
  opensslAmong,
  post,
  refusalIn,
  shown,
} from './support/files.ts';
import { weakPairs } from './support/weak-keys.ts';

const { certificate, privateKey } = opensslPair('refused.example');
const other = opensslPair('other.example');
const file = base64(certificate);
const files = { 'leaf.pem': certificate, 'leaf.key': privateKey };
const encrypted = opensslAmong(files, ['pkcs8', '-topk8', '-in', 'leaf.key', '-passout', 'pass:right']);
const pkcs12 = opensslAmong(
  files,
  'pkcs12 -export -in leaf.pem -inkey leaf.key -passout pass:right -iter 100000 -out out'.split(' '),
);
const costlyKey = costly(
  opensslAmong(files, 'pkcs8 -topk8 -in leaf.key -passout pass:right -iter 100000 -outform DER'.split(' ')),
);

/** Claims 8,388,607 rounds wherever a file claimed 100,000. */
function costly(der: Buffer): Buffer {
  const text = der.toString('latin1');
  expect(text).toContain('\x02\x03\x01\x86\xa0');
  return Buffer.from(text.replaceAll('\x02\x03\x01\x86\xa0', '\x02\x03\x7f\xff\xff'), 'latin1');
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const INVALID = { status: 400, code: 'E003', errorType: 'Invalid Object' };
const about = (field: string) => ({ ...INVALID, details: [expect.stringMatching(new RegExp(`^${field}: \\S`))] });

describe.each(BASES)('%s', (base) => {
  test('401 E016 of nobody, and of a token that is not let in', async () => {
    const anonymous = await fetch(`${server.url}${base}/certificates:import`, { method: 'POST', body: '{}' });
    const unknown = await imported(server, { certificate_file: file }, { base, token: 'unknown' });

    expect(anonymous.status).toBe(401);
    expect(refusalIn({ status: 401, body: (await anonymous.json()) as never })).toMatchObject({ code: 'E016' });
    expect(refusalIn(unknown)).toMatchObject({ status: 401, code: 'E016', errorType: 'Invalid Credential' });
  });

  test('403 E007 of a token without the right to add', async () => {
    const token = await server.tokenWith(['view_certificatekeypair_certificate'], { reach: ['strata'] });
    const answer = await imported(server, { certificate_file: file }, { base, token });
    expect(refusalIn(answer)).toMatchObject({ status: 403, code: 'E007', errorType: 'Unauthorized' });
  });

  test('409 E006 of a name that is taken, with the name and its container', async () => {
    const fields = { name: `twice ${base}`, certificate_file: file, folder: 'Remote Networks' };
    expect((await imported(server, fields, { base })).status).toBe(201);

    expect(refusalIn(await imported(server, fields, { base }))).toEqual({
      status: 409,
      code: 'E006',
      errorType: 'Name Not Unique',
      details: [expect.stringMatching(new RegExp(`'${fields.name}'.*folder 'Remote Networks'`))],
    });
    expect((await imported(server, { ...fields, folder: 'Shared' }, { base })).status).toBe(201);
  });

  test('the container is named in the query, in the body, or the same in both', async () => {
    const send = (query: string, fields: object) =>
      post(server, `/certificates:import${query}`, { name: randomUUID(), certificate_file: file, ...fields }, { base });
    const inBoth = await send('?folder=Mobile%20Users', { folder: 'Mobile Users' });
    const inQuery = await send('?snippet=mine', {});

    expect(inBoth).toMatchObject({ status: 201, body: { folder: 'Mobile Users' } });
    expect(inQuery).toMatchObject({ status: 201, body: { snippet: 'mine' } });
    expect(refusalIn(await send('?folder=One', { folder: 'Other' }))).toEqual(about('folder'));
    expect(refusalIn(await send('', {}))).toEqual(about('folder'));
    expect(refusalIn(await send('', { folder: 'One', device: 'Two' }))).toEqual(about('device'));
  });

  test('the colon of the action may be percent-encoded', async () => {
    const fields = { name: randomUUID(), folder: 'Shared', certificate_file: file };
    expect((await post(server, '/certificates%3Aimport', fields, { base })).status).toBe(201);
  });
});

test('of two that take one name at once, one is stored', async () => {
  const fields = { name: randomUUID(), certificate_file: file };
  const answers = await Promise.all([imported(server, fields), imported(server, fields)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect(refusalIn(present(answers.find(({ status }) => status === 409)))).toMatchObject({ code: 'E006' });
});

const long = (length: number) => 'x'.repeat(length);

describe('400 E003 naming the field:', () => {
  test.each<[what: string, field: string, fields: Fields]>([
    ['no name', 'name', { name: undefined }],
    ['an empty name', 'name', { name: '' }],
    ['a name of 64 characters', 'name', { name: long(64) }],
    ['a name of two lines', 'name', { name: 'a\nb' }],
    ['a name that is a number', 'name', { name: 1 }],
    ['no file', 'certificate_file', { certificate_file: undefined }],
    ['an empty file', 'certificate_file', { certificate_file: '' }],
    ['a file that is a list', 'certificate_file', { certificate_file: [file] }],
    ['base64 with other characters', 'certificate_file', { certificate_file: `${file.slice(0, 8)}*${file.slice(8)}` }],
    [
      'a private key without an end beside the certificate',
      'certificate_file',
      { certificate_file: base64(`${certificate}${privateKey.slice(0, privateKey.indexOf('-----END'))}`) },
    ],
    ['base64url', 'certificate_file', { certificate_file: '-_-_' }],
    ['base64 with padding within', 'certificate_file', { certificate_file: `QQ==${file}` }],
    ['base64 with bits that stand for nothing', 'certificate_file', { certificate_file: 'QR==' }],
    ['one digit of base64 alone', 'certificate_file', { certificate_file: 'QUFBQ' }],
    ['no certificate in PEM', 'certificate_file', { certificate_file: base64('nothing') }],
    ['a key alone', 'certificate_file', { certificate_file: base64(privateKey) }],
    ['a damaged certificate', 'certificate_file', { certificate_file: base64(certificate.replace('MII', 'MIJ')) }],
    [
      'a damaged certificate in its chain',
      'certificate_file',
      { certificate_file: base64(`${certificate}\n${certificate.replace('MII', 'MIJ')}`) },
    ],
    ['DER that is called PEM', 'certificate_file', { certificate_file: base64(Buffer.from([0x30, 0])) }],
    ['PEM that is called DER', 'certificate_file', { format: 'der' }],
    ['PEM that is called PKCS#12', 'certificate_file', { format: 'pkcs12' }],
    ['a format in capitals', 'format', { format: 'PEM' }],
    ['an unknown format', 'format', { format: 'pkcs7' }],
    ['an empty format', 'format', { format: '' }],
    ['no format at all', 'format', { format: null }],
    ['a key that is a number', 'key_file', { key_file: 1 }],
    ['a key that is no base64', 'key_file', { key_file: '!' }],
    ['a key that is none', 'key_file', { key_file: base64('nothing') }],
    ['a certificate for a key', 'key_file', { key_file: file }],
    ['the key of another certificate', 'key_file', { key_file: base64(other.privateKey) }],
    [
      'the key of another, in the same file',
      'certificate_file',
      { certificate_file: base64(certificate + other.privateKey) },
    ],
    [
      'a key beside PKCS#12',
      'key_file',
      { format: 'pkcs12', certificate_file: base64(pkcs12), key_file: base64(privateKey), passphrase: 'right' },
    ],
    ['an encrypted key without a passphrase', 'passphrase', { key_file: base64(encrypted) }],
    ['an encrypted key with an empty one', 'passphrase', { key_file: base64(encrypted), passphrase: '' }],
    ['an encrypted key with another', 'passphrase', { key_file: base64(encrypted), passphrase: 'wrong' }],
    ['PKCS#12 without a passphrase', 'passphrase', { format: 'pkcs12', certificate_file: base64(pkcs12) }],
    ['PKCS#12 with another', 'passphrase', { format: 'pkcs12', certificate_file: base64(pkcs12), passphrase: 'wrong' }],
    ['a passphrase of 1025 characters', 'passphrase', { passphrase: long(1025) }],
    ['a passphrase that is a number', 'passphrase', { passphrase: 1 }],
    ['a container of 65 characters', 'folder', { folder: long(65) }],
    ['a container with a slash', 'folder', { folder: 'a/b' }],
    ['a container that is a number', 'folder', { folder: 1 }],
  ])('%s', async (_what, field, fields) => {
    expect(refusalIn(await imported(server, { certificate_file: file, ...fields }))).toEqual(about(field));
  });

  test('every one at once', async () => {
    const { details } = refusalIn(await imported(server, { name: '', certificate_file: 1, format: 'x', folder: 2 }));
    expect(details.map((text) => text.split(':')[0])).toEqual(['name', 'certificate_file', 'format', 'folder']);
  });
});

test('a name of 63 characters and a passphrase of 1024 for a key that needs none are taken', async () => {
  const fields = { name: long(63), certificate_file: file, key_file: base64(privateKey), passphrase: long(1024) };
  const { status, body } = await imported(server, fields);
  expect(status).toBe(201);
  expect(await shown(server, body.id)).toMatchObject({ name: fields.name });
});

test.each<[what: string, fields: Fields]>([
  ['in one file', { certificate_file: base64(certificate + privateKey + other.privateKey) }],
  ['in two', { certificate_file: base64(certificate + privateKey), key_file: base64(privateKey) }],
  ['in the file of the key', { certificate_file: file, key_file: base64(privateKey + other.privateKey) }],
])('409 E016 for more than one private key %s', async (_where, fields) => {
  const answer = refusalIn(await imported(server, fields));
  expect(answer).toMatchObject({ status: 409, code: 'E016', errorType: 'Object Not Unique' });
});

test('409 E016 for more than one private key in a PKCS#12 file', async () => {
  const bags = [opensslPair('one.example'), opensslPair('two.example')].flatMap((pair) => [
    keyBag(fromBase64(bodyOf(pair.privateKey))),
    certBag(fromBase64(bodyOf(pair.certificate))),
  ]);
  const answer = refusalIn(
    await imported(server, { format: 'pkcs12', certificate_file: base64(pfx([safe(...bags)])) }),
  );
  expect(answer).toMatchObject({ status: 409, code: 'E016', errorType: 'Object Not Unique' });
});

test.each<[what: string, field: string, fields: Fields]>([
  ['a PKCS#12 file', 'certificate_file', { format: 'pkcs12', certificate_file: base64(costly(pkcs12)) }],
  ['an encrypted key', 'key_file', { certificate_file: file, key_file: base64(costlyKey) }],
])('%s that claims millions of rounds is refused before they are run', async (_what, field, fields) => {
  const took = await quickest(async () => {
    const answer = refusalIn(await imported(server, { ...fields, passphrase: 'right' }));
    expect(answer).toEqual(about(field));
    expect(answer.details[0]).toContain('rounds of key derivation');
  }, 5000);
  expect(took).toBeLessThan(5000);
});

test('keys that are no longer safe are refused, with their private key and without it', async () => {
  for (const [words, { certificate: weak, privateKey: key }] of weakPairs()) {
    const alone = refusalIn(await imported(server, { certificate_file: base64(weak) }));
    expect(alone).toEqual(about('certificate_file'));
    expect(alone.details[0]).toContain(words);
    expect(alone.details[0]).toContain('CERTKEEP_STRATA_ALLOW_WEAK');
    // The key's own certificate counts, wherever in the file it stands.
    for (const text of [weak, certificate + weak]) {
      const { status } = await imported(server, { certificate_file: base64(text), key_file: base64(key) });
      expect(status).toBe(400);
    }
  }
});

test('nothing that was refused is stored', async () => {
  const name = randomUUID();
  await imported(server, { name, certificate_file: file, key_file: base64(other.privateKey) });
  expect((await imported(server, { name, certificate_file: file })).status).toBe(201);
});
