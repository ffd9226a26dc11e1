import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CannotIssue } from '../../../src/x509/index.ts';
import {
  type NewSubjectAltNames,
  problemsOfSubjectAltNames,
  sortSubjectAltNames,
} from '../../../src/x509/issuing/alternative-names.ts';
import { parseIpAddress } from '../../../src/x509/issuing/ip-text.ts';

const codes = (names: NewSubjectAltNames): string[] => problemsOfSubjectAltNames(names).map(({ code }) => code);

describe('an address', () => {
  test.each([
    ['10.0.0.1', '0a000001'],
    ['255.255.255.255', 'ffffffff'],
    ['0.0.0.0', '00000000'],
    ['::', '00'.repeat(16)],
    ['::1', `${'00'.repeat(15)}01`],
    ['1::', `0001${'00'.repeat(14)}`],
    ['2001:db8::8:800:200c:417a', '20010db80000000000080800200c417a'],
    ['2001:DB8:0:0:8:800:200C:417A', '20010db80000000000080800200c417a'],
    ['::ffff:129.144.52.38', '00000000000000000000ffff81903426'],
    ['1:2:3:4:5:6:7.8.9.10', '00010002000300040005000607080' + '90a'],
    ['1:2:3:4:5:6:7::', '0001000200030004000500060007' + '0000'],
  ])('%s is %s', (text, octets) => expect(parseIpAddress(text)?.toString('hex')).toBe(octets));

  test.each([
    ...['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.4 ', '0x1.2.3.4', '1.2.3.-4', '1.2.3.4/24'],
    ...[':', ':::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1::2::3', '12345::', 'g::', '::1%eth0', '[::1]', '::1.2.3'],
    ...['1:2:3:4:5:6:7:8::', '1.2.3.4::', '::1.2.3.4:5', ':1::', '1:', '1:2:3:4:5:6:7:1.2.3.4'],
  ])('%j is none', (text) => expect(parseIpAddress(text)).toBeNull());

  test('is what node:net takes for one, with the same meaning', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc
        .array(fc.constantFrom(':', '::', '0', '1', 'ff', 'abcd', '.', '1.2.3.4', '255'), { maxLength: 12 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        const octets = parseIpAddress(candidate);
        expect(octets?.length ?? 0).toBe({ 0: 0, 4: 4, 6: 16 }[isIP(candidate)]);
        if (octets?.length !== 16) return;
        const groups = octets.toString('hex').match(/.{4}/g)?.join(':');
        // The URL standard's own parser brings both into one form.
        expect(new URL(`http://[${groups}]`).hostname).toBe(new URL(`http://[${candidate}]`).hostname);
      }),
      { numRuns: 2000 },
    );
  });
});

const LABEL = 'a'.repeat(63);

describe.each<[keyof NewSubjectAltNames, string, readonly string[], readonly string[]]>([
  [
    'dns',
    'DNS_NAME_MALFORMED',
    [
      'a',
      'a.example',
      'A.Example',
      '*.a.example',
      '*.example',
      '_sip._tcp.example',
      '3com.example',
      'xn--bcher-kva.example',
      'a--b.c',
      `${LABEL}.b`,
      `${`${LABEL}.`.repeat(3)}${'a'.repeat(61)}`,
      '1.2.3.4.example',
      'host1',
      'a.3com',
    ],
    [
      '',
      '*',
      'a.*.example',
      'a*.example',
      '**.example',
      '.a',
      'a.',
      'a..b',
      '-a.b',
      'a-.b',
      'a b',
      ' a',
      'a\n',
      'bücher.example',
      `a${LABEL}.b`,
      `${`${LABEL}.`.repeat(3)}${'a'.repeat(62)}`,
      '10.0.0.1',
      '1.2.3',
      'a:80',
      'a/b',
      'DNS:a',
      'a@b',
      'a\0',
    ],
  ],
  [
    'email',
    'EMAIL_ADDRESS_MALFORMED',
    ['a@b', 'a.b+c@d.example', "o'neil@x.example", `${'a'.repeat(64)}@b.example`, '#!$%&*-/=?^_`{|}~@x.y'],
    [
      '',
      'a',
      '@b',
      'a@',
      'a@@b',
      'a b@c',
      '.a@b',
      'a.@b',
      'a..b@c',
      `${'a'.repeat(65)}@b`,
      'ä@b',
      'a@ä',
      'a@[1.2.3.4]',
      'a@*.b',
      '"a"@b',
      'a@b\n',
      'A <a@b>',
      'mailto:a@b',
    ],
  ],
  [
    'uri',
    'URI_MALFORMED',
    [
      'https://a.example',
      'https://a.example:8080/p?q#f',
      'http://u@a.example/',
      'http://10.0.0.1/',
      'http://[::1]:80/',
      'urn:x://-',
      'spiffe://trust/x',
      'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
      'mailto:a@b',
      'ldap://h/cn=a,c=DE?x',
      'HTTP://A/%20',
    ],
    [
      '',
      'a',
      '/a',
      '//a/b',
      'http:',
      'http://',
      'http:///x',
      'http://:80/',
      'http://a b',
      'http://ä/',
      'http://a/ä',
      'http://a/%2',
      'http://a/%zz',
      '1http://a',
      'http://::1/',
      'http://[10.0.0.1]/',
      'http://[a]/',
      'http://*.a/',
      'http://a/"',
      'http://a/<b>',
      'http://a\\b',
      'http://a\n',
      'http://a:b/',
    ],
  ],
  ['ip', 'IP_ADDRESS_MALFORMED', ['10.0.0.1', '::1'], ['', 'a', '10.0.0', '10.0.0.0/8', '::1%lo', '[::1]']],
])('%s', (kind, code, sound, malformed) => {
  test.each(sound)('%j is taken', (text) => expect(codes({ [kind]: [text] })).toEqual([]));
  test.each(malformed)('%j is refused', (text) => expect(codes({ [kind]: [sound[0] ?? '', text] })).toEqual([code]));
});

test('problems of several kinds are all told, each once', () => {
  const names = { dns: ['', '-'], ip: ['x', 'y'], email: ['z'], uri: ['w'] };
  expect(codes(names)).toEqual([
    'DNS_NAME_MALFORMED',
    'IP_ADDRESS_MALFORMED',
    'EMAIL_ADDRESS_MALFORMED',
    'URI_MALFORMED',
  ]);
});

test('10,000 names are taken, as many as are read back, and no more', () => {
  const names = Array.from({ length: 5000 }, (_, index) => `a${index}.example`);
  expect(codes({ dns: names, email: names.map((name) => `a@${name}`) })).toEqual([]);
  expect(codes({ dns: names, email: names.map((name) => `a@${name}`), ip: ['::1'] })).toEqual([
    'SUBJECT_ALT_NAMES_TOO_MANY',
  ]);
});

describe('a text without its kind', () => {
  test('finds it', () => {
    const texts = [
      'a.example',
      '10.0.0.1',
      '*.b.example',
      '::1',
      'a@b.example',
      'https://c.example/',
      'urn:x:y',
      'a.example',
    ];
    expect(sortSubjectAltNames(texts)).toEqual({
      dns: ['a.example', '*.b.example', 'a.example'],
      ip: ['10.0.0.1', '::1'],
      email: ['a@b.example'],
      uri: ['https://c.example/', 'urn:x:y'],
    });
  });

  test.each(['DNS:a.example', '10.0.0.256', 'a b', 'a.example:8080', 'a@', 'https://', '1::2::3', '', '*', 'a:urn:b'])(
    'has none: %j',
    (text) => {
      expect(() => sortSubjectAltNames(['a.example', text])).toThrow(CannotIssue);
      expect(() => sortSubjectAltNames([text])).toThrow(
        expect.objectContaining({ code: 'SUBJECT_ALT_NAME_OF_NO_KIND' }),
      );
    },
  );
});
