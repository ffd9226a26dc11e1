import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../support/server.ts';
import { CURRENT, expectProblems, generated, LEGACY, refused, soundBody } from './support/generate.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** A new name of so many characters. */
const nameOf = (length: number): string => randomUUID().padEnd(length, 'n').slice(0, length);
const days = (value: unknown) => ({ day_till_expiration: value });
const hosts = (...hostname: unknown[]) => ({ hostname });
const labels = (length: number): string => `${'a'.repeat(length - 5)}.test`;
const url = (length: number): string => 'http://ocsp.test/'.padEnd(length, 'p');

describe('sound at its bounds', () => {
  test.each<[string, object]>([
    ['certificate_name of 1 character', { certificate_name: 'x' }],
    ['certificate_name of 63 characters', { certificate_name: nameOf(63) }],
    ['certificate_name of 63 characters in 126 units of UTF-16', { certificate_name: '\u{1F511}'.repeat(63) }],
    ['common_name of 1 character', { common_name: 'x' }],
    ['common_name of 64 characters', { common_name: 'x'.repeat(64) }],
    ['common_name of 64 characters beyond the BMP', { common_name: '\u{1F511}'.repeat(64) }],
    ['day_till_expiration of 1', days(1)],
    ['day_till_expiration of 36,500', days(36_500)],
    ['no day_till_expiration', {}],
    ['country_code of two letters', { country_code: 'FR' }],
    ['state of 32 characters', { state: 's'.repeat(32) }],
    ['locality of 64 characters', { locality: 'l'.repeat(64) }],
    ['department of 64 characters, many times', { department: Array.from({ length: 20 }, () => 'd'.repeat(64)) }],
    ['email of 255 characters', { email: `e@${`${'a'.repeat(62)}.`.repeat(4)}b` }],
    ['five hostnames, of 1 and of 64 characters', hosts('a', labels(64), '*.example.test', 'b.test', 'c.test')],
    ['five addresses', { ip: ['192.0.2.1', '::1', '2001:db8::192.0.2.7', '10.0.0.1', '10.0.0.2'] }],
    ['ocsp_responder_url of 64 characters', { ocsp_responder_url: url(64) }],
    [
      'empty texts where no least length is stated, and empty lists',
      {
        signed_by: '',
        email: '',
        alternate_email: [''],
        country_code: '',
        state: '',
        locality: '',
        department: [''],
        ocsp_responder_url: '',
        hostname: [],
        ip: [],
      },
    ],
    ['ecdsa of 245 bits', { algorithm: { ecdsa_number_of_bits: 245 } }],
    ['ecdsa of 384 bits', { algorithm: { ecdsa_number_of_bits: 384 } }],
    [
      'fields that nobody knows',
      { id: 'x', name: 7, client_kwargs: null, algorithm: { ecdsa_number_of_bits: 256, x: 1 } },
    ],
    ['both booleans', { is_certificate_authority: true, is_block_privateKey: true }],
  ])('%s', async (_what, changes) => {
    await generated(server, { ...changes, folder: `at bounds ${randomUUID()}` });
  });

  test('numbers may be written with a fraction of zero', async () => {
    const body = JSON.stringify(soundBody({ algorithm: { rsa_number_of_bits: 1 }, ...days(2) }))
      .replace('"rsa_number_of_bits":1', '"rsa_number_of_bits":2048.0')
      .replace('"day_till_expiration":2', '"day_till_expiration":2.0');
    expect((await server.request('POST', CURRENT, body)).status).toBe(201);
  });
});

describe('refused, with the field in details', () => {
  test.each<[string, object, ...string[]]>([
    ['certificate_name empty', { certificate_name: '' }, 'certificate_name'],
    ['certificate_name of 64 characters', { certificate_name: nameOf(64) }, 'certificate_name'],
    ['certificate_name with U+0000', { certificate_name: 'a\0b' }, 'certificate_name'],
    ['certificate_name with a line break', { certificate_name: 'a\nb' }, 'certificate_name'],
    ['certificate_name with half a surrogate pair', { certificate_name: 'a\ud800' }, 'certificate_name'],
    ['certificate_name absent', { certificate_name: undefined }, 'certificate_name'],
    ['common_name empty', { common_name: '' }, 'common_name'],
    ['common_name of 65 characters', { common_name: 'x'.repeat(65) }, 'common_name'],
    ['common_name with U+0000', { common_name: 'a\0b' }, 'common_name'],
    ['common_name absent', { common_name: undefined }, 'common_name'],
    ['algorithm absent', { algorithm: undefined }, 'algorithm'],
    ['no algorithm', { algorithm: {} }, 'algorithm'],
    ['both algorithms', { algorithm: { rsa_number_of_bits: 2048, ecdsa_number_of_bits: 256 } }, 'algorithm'],
    ['RSA of 2047 bits', { algorithm: { rsa_number_of_bits: 2047 } }, 'algorithm.rsa_number_of_bits'],
    ['RSA of 2048.5 bits', { algorithm: { rsa_number_of_bits: 2048.5 } }, 'algorithm.rsa_number_of_bits'],
    ['RSA of 8192 bits', { algorithm: { rsa_number_of_bits: 8192 } }, 'algorithm.rsa_number_of_bits'],
    ['ECDSA of 244 bits', { algorithm: { ecdsa_number_of_bits: 244 } }, 'algorithm.ecdsa_number_of_bits'],
    ['ECDSA of 521 bits', { algorithm: { ecdsa_number_of_bits: 521 } }, 'algorithm.ecdsa_number_of_bits'],
    ['digest unknown', { digest: 'sha224' }, 'digest'],
    ['digest in capitals', { digest: 'SHA256' }, 'digest'],
    ['digest absent', { digest: undefined }, 'digest'],
    ['signed_by of 65 characters', { signed_by: 's'.repeat(65) }, 'signed_by'],
    ['day_till_expiration of 0', days(0), 'day_till_expiration'],
    ['day_till_expiration of −1', days(-1), 'day_till_expiration'],
    ['day_till_expiration of 36,501', days(36_501), 'day_till_expiration'],
    ['day_till_expiration of a day and a half', days(1.5), 'day_till_expiration'],
    ['country_code of three letters', { country_code: 'FRA' }, 'country_code'],
    ['country_code of one letter', { country_code: 'F' }, 'country_code'],
    ['country_code of digits', { country_code: '12' }, 'country_code'],
    ['state of 33 characters', { state: 's'.repeat(33) }, 'state'],
    ['locality of 65 characters', { locality: 'l'.repeat(65) }, 'locality'],
    ['department of 65 characters', { department: ['ok', 'd'.repeat(65)] }, 'department[1]'],
    ['departments beyond what a subject takes', { department: Array(300).fill('d'.repeat(64)) }, 'department'],
    ['email of 256 characters', { email: `${'e'.repeat(2)}@${`${'a'.repeat(62)}.`.repeat(4)}b` }, 'email'],
    ['email that is none', { email: 'nobody' }, 'email'],
    ['alternate_email that is none', { alternate_email: ['a@b.test', 'nobody'] }, 'alternate_email[1]'],
    ['hostname empty', hosts(''), 'hostname[0]'],
    ['hostname of 65 characters', hosts(labels(65)), 'hostname[0]'],
    ['hostname that is none', hosts('a.test', 'a b'), 'hostname[1]'],
    ['hostname that is an address', hosts('192.0.2.1'), 'hostname[0]'],
    ['ip empty', { ip: [''] }, 'ip[0]'],
    ['ip of 65 characters', { ip: ['1'.repeat(65)] }, 'ip[0]'],
    ['ip that is none', { ip: ['192.0.2.256', '::1', '1::2::3'] }, 'ip[0]', 'ip[2]'],
    ['ocsp_responder_url of 65 characters', { ocsp_responder_url: url(65) }, 'ocsp_responder_url'],
    ['ocsp_responder_url that is relative', { ocsp_responder_url: 'ocsp.example.test' }, 'ocsp_responder_url'],
    ['folder empty', { folder: '' }, 'folder'],
    ['folder of 65 characters', { folder: 'f'.repeat(65) }, 'folder'],
    ['folder with a slash', { folder: 'a/b' }, 'folder'],
    ['several fields, all of them named', { digest: 'x', state: 7, ip: ['y'] }, 'digest', 'ip[0]', 'state'],
  ])('%s', async (_what, changes, ...fields) => {
    await expectProblems(server, soundBody(changes), fields);
  });

  test.each([2048, 3072, 4096])('ECDSA of %i bits: legal by the schema, and there is no such curve', async (bits) => {
    const algorithm = { ecdsa_number_of_bits: bits };
    const details = await expectProblems(server, soundBody({ algorithm }), ['algorithm.ecdsa_number_of_bits']);
    expect(details[0]).toContain('there is no such curve');
  });

  const TEXTS = [
    'certificate_name',
    'common_name',
    'digest',
    'signed_by',
    'email',
    'country_code',
    'state',
    'locality',
  ];
  const LISTS = ['alternate_email', 'hostname', 'ip', 'department'];
  const BOOLEANS = ['is_certificate_authority', 'is_block_privateKey'];
  const wrongTypes = [
    ...[...TEXTS, 'ocsp_responder_url', 'folder', 'snippet', 'device'].map((field) => [
      field,
      [null, 7, true, ['x'], {}],
    ]),
    ...LISTS.map((field) => [field, [null, 7, true, 'x', {}]]),
    ...BOOLEANS.map((field) => [field, [null, 1, 'true', [true], {}]]),
    ['day_till_expiration', [null, '365', true, [365], {}]],
    ['algorithm', [null, 2048, '2048', [2048], true]],
  ] as [string, unknown[]][];
  test.each(wrongTypes)('wrong types of %s', async (field, values) => {
    for (const value of values) {
      await expectProblems(server, soundBody({ [field]: value }), [field]);
    }
  });
  test.each([...LISTS])('wrong types inside of %s', async (field) => {
    for (const value of [null, 7, true, [], {}]) {
      await expectProblems(server, soundBody({ [field]: [value] }), [`${field}[0]`]);
    }
  });
  test.each(['rsa_number_of_bits', 'ecdsa_number_of_bits'])('wrong types of algorithm.%s', async (field) => {
    for (const value of [null, '256', true, [256], {}]) {
      await expectProblems(server, soundBody({ algorithm: { [field]: value } }), [`algorithm.${field}`]);
    }
  });
  test.each([[[]], ['text'], [7], [null]])('a body that is no object: %j', async (body) => {
    await expectProblems(server, JSON.stringify(body), ['body']);
  });

  test('ten thousand wrong entries are not all named', async () => {
    const { status, details } = await refused(server, soundBody({ hostname: Array(10_000).fill('a b') }));
    expect([status, details.length]).toEqual([400, 100]);
  });

  test('more alternative names than a certificate is read back with, in one field and in all together', async () => {
    const ip = Array.from({ length: 10_001 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    await expectProblems(server, soundBody({ ip }), ['ip']);
    const hostname = ip.slice(0, 5_001).map((address) => `h${address}`.replaceAll('.', '-'));
    await expectProblems(server, soundBody({ ip: ip.slice(0, 5_000), hostname }), ['hostname']);
  });
});

describe('the container', () => {
  const without = { folder: undefined };
  test.each<[string, string, object, string]>([
    ['in the body: a snippet', '', { ...without, snippet: 's 1' }, 'snippet'],
    ['in the body: a device', '', { ...without, device: 'd-1' }, 'device'],
    ['in the query alone', '?folder=Mobile%20Users', without, 'folder'],
    ['in both, and the same', '?folder=Shared', {}, 'folder'],
  ])('%s', async (_what, query, changes, kind) => {
    for (const path of [CURRENT, LEGACY]) {
      expect(await generated(server, changes, path + query)).toHaveProperty(kind);
    }
  });

  test.each<[string, string, object, string]>([
    ['none', '', without, 'folder'],
    ['two', '', { snippet: 's' }, 'snippet'],
    ['three', '', { snippet: 's', device: 'd' }, 'snippet'],
    ['another in the query', '?folder=Other', {}, 'folder'],
    ['of another kind in the query', '?snippet=Shared', {}, 'folder'],
  ])('%s: refused', async (_what, query, changes, field) => {
    for (const path of [CURRENT, LEGACY]) {
      await expectProblems(server, soundBody(changes), [field], path + query);
    }
  });
});
