import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  dhKey,
  directoriesNotUtf8,
  issuerNotUtf8,
  manyAlternativeNames,
  manyExtensions,
  nestedAlgorithms,
  oddNumber,
  rsaKey,
} from '../../faults/support/hostile-der.ts';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS, startServer, type TestServer } from '../../support/server.ts';
import { certificate, commonName, pem, tlv } from '../../x509/support/der.ts';

const sound = opensslPair('sound.example');

let server: TestServer;
beforeAll(async () => {
  // The limits are not the body's: some can't be reached within a megabyte.
  server = await startServer({ bodyLimit: 8 * 1024 * 1024 });
});
afterAll(() => server.close());

interface Body {
  readonly certificate_data?: string;
  readonly key_data?: string;
}

async function create(name: string, body: Body): Promise<{ status: number; answer: unknown }> {
  const created = await server.request('POST', PAIRS, { name, certificate_data: sound.certificate, ...body });
  return { status: created.status, answer: await created.json() };
}

async function isStored(name: string): Promise<boolean> {
  return (await server.database.query('SELECT 1 FROM keypairs WHERE name = $1', [name])).length > 0;
}

const certificateOf = (certificate_data: string): Body => ({ certificate_data });
const keyOf = (key_data: string): Body => ({ key_data });
/** "CN=" is a part of what is counted. */
const subjectOf = (characters: number, character = 'x') =>
  pem('CERTIFICATE', certificate({ subject: commonName(character.repeat(characters - 3)) }));
const serialNumberOf = (octets: number) =>
  pem('CERTIFICATE', certificate({ serialNumber: tlv(0x02, Buffer.alloc(octets, 0x55)) }));
/** So that, with the prime p, (p − 1) / 2 is odd too. */
const oddTwice = (bits: number) => oddNumber(bits) | 2n;
const EMPTY_BLOCK = '-----BEGIN A-----\n-----END A-----\n';

const CHARACTERS = '16384 characters in a distinguished name';

const LIMITS: [limit: string, within: Body, beyond: Body][] = [
  ['256 PEM blocks', certificateOf(sound.certificate.repeat(256)), certificateOf(sound.certificate.repeat(257))],
  [
    '256 PEM blocks',
    keyOf(EMPTY_BLOCK.repeat(255) + sound.privateKey),
    keyOf(sound.privateKey + EMPTY_BLOCK.repeat(256)),
  ],
  ['1048576 bytes in a PEM block', certificateOf(serialNumberOf(1_000_000)), certificateOf(serialNumberOf(1_048_576))],
  ['50000 ASN.1 elements', certificateOf(manyExtensions(16_600)), certificateOf(manyExtensions(16_700))],
  ['64 nested ASN.1 elements', certificateOf(nestedAlgorithms(15)), certificateOf(nestedAlgorithms(25))],
  [
    '10000 subject alternative names',
    certificateOf(manyAlternativeNames(10_000)),
    certificateOf(manyAlternativeNames(10_001)),
  ],
  [CHARACTERS, certificateOf(subjectOf(16_384)), certificateOf(subjectOf(16_385))],
  // Of each value "1.2=#0c01ff" and what parts it from the next.
  [CHARACTERS, certificateOf(issuerNotUtf8(1365)), certificateOf(issuerNotUtf8(1366))],
  [CHARACTERS, certificateOf(directoriesNotUtf8(2, 1365)), certificateOf(directoriesNotUtf8(1, 1366))],
  [CHARACTERS, certificateOf(issuerNotUtf8(1)), certificateOf(issuerNotUtf8(16_000))],
  [CHARACTERS, certificateOf(subjectOf(16_384, '😀')), certificateOf(subjectOf(16_385, '😀'))],
  ['16384 bits in a number of its RSA key', keyOf(rsaKey(16_000, 384)), keyOf(rsaKey(16_000, 386))],
  ['10000 bits in the prime of its DH key', keyOf(dhKey(oddTwice(10_000))), keyOf(dhKey(oddTwice(10_001)))],
];

describe('what a limit refuses is told by the limit and not stored, and what reaches it is accepted:', () => {
  test.each(LIMITS.map((each, index) => [...each, index] as const))(
    'no more than %s',
    async (limit, within, beyond, index) => {
      const [field = ''] = Object.keys(beyond);
      const name = `${limit} in ${field} (${index})`;

      expect((await create(`within ${name}`, within)).status).toBe(201);
      expect(await create(`beyond ${name}`, beyond)).toEqual({
        status: 400,
        answer: { [field]: [`Ensure this field has no more than ${limit}.`] },
      });
      expect(await isStored(`beyond ${name}`)).toBe(false);
    },
  );
});

describe('what authentik would refuse is told in its words:', () => {
  const NO_CERTIFICATE = { certificate_data: ['Unable to load certificate.'] };
  const NO_KEY = { key_data: ['Unable to load private key (possibly encrypted?).'] };

  test.each<[string, Body, object]>([
    ['256 blocks without a certificate', certificateOf(EMPTY_BLOCK.repeat(256)), NO_CERTIFICATE],
    ['256 blocks without a key', keyOf(EMPTY_BLOCK.repeat(256)), NO_KEY],
    ['a certificate cut short', certificateOf(pem('CERTIFICATE', certificate().subarray(0, -1))), NO_CERTIFICATE],
    ['an RSA key whose factor is no prime', keyOf(rsaKey(1024, 1024)), NO_KEY],
    ['a DH key of too few bits', keyOf(dhKey(oddTwice(511))), NO_KEY],
  ])('%s', async (what, body, answer) => {
    expect(await create(what, body)).toEqual({ status: 400, answer });
  });
});

test('too much in a block that is not the first certificate does not refuse the text', async () => {
  const chain = [sound.certificate, manyExtensions(16_700), serialNumberOf(1_048_576), nestedAlgorithms(25)].join('');
  expect((await create('a chain', certificateOf(chain))).status).toBe(201);
});
