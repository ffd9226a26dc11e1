import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { loadPrivateKey, NotAPrivateKey } from '../../src/x509/index.ts';
import { findPem, PemError, readPem, writePem } from '../../src/x509/pem.ts';

describe('a block is found where it stands', () => {
  const [first, second] = ['-----BEGIN A-----\nAA==\n-----END A-----', '-----BEGIN B C-----x-----END D-----'];
  const text = `words ${first} more\n${second}\n-----BEGIN E-----`;

  test('its parts and its place are told, without a look at what it holds', () => {
    const spans = findPem(text);
    expect(spans.map(({ start, end }) => text.slice(start, end))).toEqual([first, second]);
    expect(spans).toMatchObject([
      { label: 'A', endLabel: 'A', payload: '\nAA==\n' },
      { label: 'B C', endLabel: 'D', payload: 'x' },
    ]);
  });

  test.each([
    '',
    'words',
    '-----BEGIN A',
    '-----BEGIN A-----',
    '-----BEGIN A-----\nAA==',
    '-----BEGIN A-----\nAA==\n-----END A',
    '-----END A-----\n-----BEGIN A-----',
  ])('there is none in %j', (text) => expect(findPem(text)).toEqual([]));
});

// Put to pyca 49: it refuses each, though a sound certificate stands before.
describe('a block that is wrong refuses the whole text, whatever stands before', () => {
  const sound = '-----BEGIN A-----\nAA==\n-----END A-----\n';
  test.each<[string, string]>([
    ['no label', '-----BEGIN -----\nAA==\n-----END -----'],
    ['labels that differ', '-----BEGIN B-----\nAA==\n-----END C-----'],
    ['a header without a colon', '-----BEGIN B-----\na: b\nc\n\nAA==\n-----END B-----'],
    ['base64 that is not canonical', '-----BEGIN B-----\nAB==\n-----END B-----'],
  ])('%s', (_, block) => {
    expect(readPem(sound)).toHaveLength(1);
    expect(() => readPem(sound + block)).toThrow(PemError);
  });
});

describe('headers (RFC 1421 §4.4) are kept as lines', () => {
  const read = (payload: string) => readPem(`-----BEGIN A-----\n${payload}\n-----END A-----`)[0];

  test.each<[string, string, string[]]>([
    ['none', 'AA==', []],
    ['one', 'A: b\n\nAA==', ['A: b']],
    ['two', 'A: b\nC:\n\nAA==', ['A: b', 'C:']],
    ['with CRLF', 'A: b\r\nC: d\r\n\r\nAA==', ['A: b\r', 'C: d']],
  ])('%s', (_, payload, headers) => {
    expect(read(payload)).toEqual({ label: 'A', headers, der: Buffer.alloc(1) });
  });
});

describe('what is written is the text of RFC 7468 §2: 64 columns, a line feed at the end', () => {
  test.each<[number, string[]]>([
    [0, []],
    [1, ['AA==']],
    [48, ['A'.repeat(64)]],
    [49, ['A'.repeat(64), 'AA==']],
    [96, ['A'.repeat(64), 'A'.repeat(64)]],
  ])('%i octets', (length, lines) => {
    const written = writePem('X Y', Buffer.alloc(length));
    expect(written).toBe(['-----BEGIN X Y-----', ...lines, '-----END X Y-----', ''].join('\n'));
  });
});

test('a private key may have headers that say nothing of encryption', () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({
    format: 'pem',
    type: 'sec1',
  });
  const withHeaders = (headers: string): string => `${key}`.replace('-----\n', `-----\n${headers}\n\n`);
  expect(loadPrivateKey(withHeaders('A: b\nX-Proc-Type: 4')).keyType).toBe('ec');
  expect(() => loadPrivateKey(withHeaders('A: b\nProc-Type : 4,ENCRYPTED'))).toThrow(NotAPrivateKey);
});
