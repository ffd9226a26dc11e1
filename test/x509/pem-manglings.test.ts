import { createHash, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCertificate, loadPrivateKey, NotACertificate, NotAPrivateKey } from '../../src/x509/index.ts';
import { opensslPair } from '../support/openssl.ts';

/** What contract §1.3 bears and refuses of a PEM text, whatever is in it: here combined at random. */

interface Block {
  readonly label: string;
  readonly base64: string;
}

const blockOf = (pem: string): Block => ({
  label: /BEGIN ([^-]+)-/.exec(pem)?.[1] ?? '',
  base64: pem.replaceAll(/-----[^-]+-----|\s/g, ''),
});
const armour = ({ label }: Block, body: string, eol = '\n'): string =>
  `-----BEGIN ${label}-----${eol}${body}${eol}-----END ${label}-----${eol}`;
const lines = ({ base64 }: Block, width = 64): string[] => base64.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];

type Layout = (block: Block) => string;

const width = fc.integer({ min: 1, max: 200 }).map(
  (columns): Layout =>
    (block) =>
      armour(block, lines(block, columns).join('\n')),
);
const LAYOUTS: Readonly<Record<string, Layout>> = {
  CRLF: (block) => armour(block, lines(block).join('\r\n'), '\r\n'),
  'one line': (block) => armour(block, block.base64, ''),
  indentation: (block) => armour(block, lines(block).join('\n')).replaceAll('\n', '\n \t'),
  'trailing blanks': (block) => armour(block, lines(block).join('\n')).replaceAll('\n', '\t \n'),
};
const CERTIFICATE_LAYOUTS: Readonly<Record<string, Layout>> = {
  ...LAYOUTS,
  'CR only': (block) => armour(block, lines(block).join('\r'), '\r'),
  'a blank line after BEGIN': (block) => armour(block, `\n${lines(block).join('\n')}`),
  'RFC 1421 headers': (block) => armour(block, `Key: value\nOther: value\n\n${lines(block).join('\n')}`),
};

/** Each line is stripped as Python strips, of U+001C to U+001F too. */
const KEY_LAYOUTS: Readonly<Record<string, Layout>> = {
  ...LAYOUTS,
  'separators around lines': (block) => armour(block, lines(block).join('\n')).replaceAll('\n', '\x1c\n\x1f'),
};

const oneOf = <T>(values: Readonly<Record<string, T>>): fc.Arbitrary<T> => fc.constantFrom(...Object.values(values));
const prose = fc.string({ unit: 'grapheme' }).filter((words) => !words.includes('-'));
const PARAMETERS = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';

const REFUSED: Readonly<Record<string, Layout>> = {
  'no END': (block) => armour(block, lines(block).join('\n')).split('-----END')[0] ?? '',
  'labels that differ': (block) => armour(block, lines(block).join('\n')).replace(/END [^-]+/, 'END OTHER'),
  'a blank line inside': (block) => armour(block, [lines(block)[0], '', ...lines(block).slice(1)].join('\n')),
  'literal \\n': (block) => armour(block, lines(block).join('\n')).replaceAll('\n', '\\n'),
  'no padding, or too much': (block) =>
    armour(block, block.base64.endsWith('=') ? block.base64.replace(/=+$/, '') : `${block.base64}=`),
  'a character that is none of base64': (block) =>
    armour(block, `${block.base64.slice(0, 8)}-${block.base64.slice(8)}`),
  'extra octets after the DER': (block) =>
    armour(block, Buffer.concat([Buffer.from(block.base64, 'base64'), Buffer.alloc(1)]).toString('base64')),
  'bad base64 in another block': (block) =>
    armour(block, lines(block).join('\n')) + armour({ label: 'X', base64: '' }, 'A*AA'),
};
/** The texts of labels that announce something else. */
const labelled = (...labels: readonly string[]): Readonly<Record<string, Layout>> =>
  Object.fromEntries(
    labels.map((label) => [`the label ${label}`, (block) => armour({ ...block, label }, block.base64)]),
  );

describe('certificates', () => {
  const curve = (name: string) => ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${name}`];
  const texts = [
    opensslPair('EC'),
    opensslPair('secp521r1/O=a, b; c', curve('secp521r1')),
    opensslPair('RSA', ['-newkey', 'rsa:1024', '-addext', 'subjectAltName=DNS:a.example,IP:10.0.0.1']),
    opensslPair('Ed448', ['-newkey', 'ed448']),
  ].map(({ certificate }) => certificate);
  const other = armour(blockOf(texts[0] ?? ''), blockOf(texts[0] ?? '').base64);
  const key = '-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n';
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const before = fc.oneof(
    prose.map((words) => `${words}\n`),
    fc.constantFrom('', '\ufeff', '\u00a0', key),
  );
  const after = fc.oneof(prose, fc.constantFrom('', key, other, broken));
  const label = fc.constantFrom('CERTIFICATE', 'X509 CERTIFICATE');

  test('any layout that is borne, with anything that is borne around it, keeps every fact', () => {
    const layout = fc.oneof(width, oneOf(CERTIFICATE_LAYOUTS));
    fc.assert(
      fc.property(fc.constantFrom(...texts), layout, label, before, after, (text, lay, name, front, behind) => {
        const block = blockOf(text);
        const { facts, der } = loadCertificate(`${front}${lay({ ...block, label: name })}${behind}`);
        const digest = createHash('sha256').update(Buffer.from(block.base64, 'base64')).digest('hex');
        expect(der.toString('base64')).toBe(block.base64);
        expect(facts.fingerprintSha256.replaceAll(':', '')).toBe(digest);
        expect(facts).toEqual(loadCertificate(text).facts);
      }),
      { numRuns: 500 },
    );
  });

  test('anything that is refused is, whatever stands around it', () => {
    const refused = { ...REFUSED, ...labelled('TRUSTED CERTIFICATE', 'CERTIFICATE REQUEST', 'PKCS7', 'certificate') };
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        oneOf(refused),
        before,
        fc.oneof(prose, fc.constant(key)),
        (text, spoil, front, behind) => {
          expect(() => loadCertificate(`${front}${spoil(blockOf(text))}${behind}`)).toThrow(NotACertificate);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('private keys', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const pkcs8 = { format: 'pem', type: 'pkcs8' } as const;
  const ecKeys = ['prime256v1', 'secp384r1', 'secp256k1', 'brainpoolP512r1'].map(
    (namedCurve) => generateKeyPairSync('ec', { namedCurve }).privateKey,
  );
  const rawKeys = [
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('ed448'),
    generateKeyPairSync('x25519'),
    generateKeyPairSync('x448'),
  ].map(({ privateKey }) => privateKey);
  const texts = [
    ...[rsa, ...ecKeys, ...rawKeys].map((key) => key.export(pkcs8).toString()),
    rsa.export({ format: 'pem', type: 'pkcs1' }).toString(),
    ...ecKeys.map((key) => key.export({ format: 'pem', type: 'sec1' }).toString()),
  ];
  const second = texts[1] ?? '';
  const before = fc.oneof(
    prose.map((words) => `${words}\n`),
    fc.constantFrom('', PARAMETERS),
  );
  const after = fc.oneof(prose, fc.constantFrom('', second));

  test('any layout that is borne, with anything that is borne around it, keeps type and public half', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.oneof(width, oneOf(KEY_LAYOUTS)),
        before,
        after,
        (text, lay, front, behind) => {
          expect(loadPrivateKey(`${front}${lay(blockOf(text))}${behind}`)).toEqual(loadPrivateKey(text));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('anything that is refused is, whatever stands around it: other labels, and PKCS#8 and PKCS#1 under each other’s too', () => {
    const anyLabel = labelled('ENCRYPTED PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'PUBLIC KEY', 'CERTIFICATE');
    const swapped: Layout = (block) => {
      const label = block.label === 'PRIVATE KEY' ? 'RSA PRIVATE KEY' : 'PRIVATE KEY';
      return armour({ ...block, label }, block.base64);
    };
    const encrypted: Layout = (block) =>
      armour(block, `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${lines(block).join('\n')}`);
    const refused = { ...REFUSED, ...anyLabel, swapped, encrypted };
    fc.assert(
      fc.property(fc.constantFrom(...texts), oneOf(refused), before, prose, (text, spoil, front, behind) => {
        expect(() => loadPrivateKey(`${front}${spoil(blockOf(text))}${behind}`)).toThrow(NotAPrivateKey);
      }),
      { numRuns: 300 },
    );
  });
});
