import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeCertificate, NotACertificate } from '../../src/x509/index.ts';
import { certificate, pem } from './support/der.ts';

const der = certificate();
const text = pem('CERTIFICATE', der);
const base64 = der.toString('base64');
const fingerprint = createHash('sha256').update(der).digest('hex').match(/../g)?.join(':');
const other = pem('CERTIFICATE', certificate({ serialNumber: Buffer.from([2, 1, 9]) }));
const key = '-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n';
const wrap = (body: string, label = 'CERTIFICATE'): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;

// Contract §1.3; each line was also put to pyca 49.
const accepted: Record<string, string> = {
  'as it is': text,
  'without the last newline': text.trimEnd(),
  'text before and after': `Subject: x\nIssuer: y\n${text}\ntrailing words`,
  'a byte order mark in front': `\ufeff${text}`,
  'a no-break space in front': `\u00a0${text}`,
  CRLF: text.replaceAll('\n', '\r\n'),
  'CR only': text.replaceAll('\n', '\r'),
  'one line': text.replaceAll('\n', ''),
  'one column': wrap([...base64].join('\n')),
  indentation: text.replaceAll('\n', '\n \t'),
  'trailing blanks': text.replaceAll('\n', ' \t\n'),
  'Unicode blanks inside the base64': wrap(base64.replace(/.{10}/g, '$&\u2003\u0085\u3000\u2028\u000b')),
  'a blank line right after BEGIN': text.replace('-----\n', '-----\n\n\n'),
  'the label X509 CERTIFICATE': pem('X509 CERTIFICATE', der),
  'RFC 1421 headers': wrap(`Proc-Type: 4,ENCRYPTED\nDEK-Info: whatever\n\n${base64}`),
  'headers with CRLF': wrap(`A: b\r\n\r\n${base64}`),
  'a chain, of which the first counts': text + other,
  'a key before it': key + text,
  'a key after it': text + key,
  'a second block whose DER is broken': text + wrap('AAAA'),
  'a second block that is not closed': `${text}-----BEGIN CERTIFICATE-----\n*`,
  'a trusted certificate before it': pem('TRUSTED CERTIFICATE', der) + text,
};

const refused: Record<string, string> = {
  nothing: '',
  'no block': base64,
  'another label': pem('TRUSTED CERTIFICATE', der),
  'a label in small letters': pem('certificate', der),
  'no label': wrap(base64, ''),
  'a blank inside of BEGIN': text.replace('BEGIN ', 'BEGIN  '),
  'labels that differ': text.replace('END CERTIFICATE', 'END X509 CERTIFICATE'),
  'labels that differ in another block': text + key.replace('END EC', 'END RSA'),
  'no END': text.slice(0, text.indexOf('-----END')),
  'a blank line inside the base64': text.replace(/[A-Za-z0-9+/]{64}\n/, '$&\n'),
  'a blank line before END': text.replace('\n-----END', '\n\n-----END'),
  'literal \\n': text.replaceAll('\n', '\\n'),
  base64url: wrap(Buffer.alloc(99, 0xff).toString('base64url')),
  'no padding': wrap(base64.replace(/=*$/, '').slice(0, -1)),
  'padding too much': wrap(`${base64}====`),
  'unused bits that are set': wrap('MB=='),
  'bad base64 in another block': text + wrap('A*AA', 'X'),
  'a header without a colon in another block': text + wrap('x\n\nAAAA', 'X'),
  'a first certificate with broken DER': wrap('AAAA') + text,
  // pem-rs looks for five dashes and loses its place at the sixth.
  'six dashes': `-${text}`,
  'half a surrogate pair': `\ud800${text}`,
};

describe('accepted', () => {
  test.each(Object.entries(accepted))('%s', (_, input) => {
    expect(describeCertificate(input).fingerprintSha256).toBe(fingerprint);
  });
});

describe('refused', () => {
  test.each(Object.entries(refused))('%s', (_, input) => {
    expect(() => describeCertificate(input)).toThrow(NotACertificate);
  });
});

describe('properties', () => {
  const blank = fc.constantFrom('\n', '\r\n', '\r', ' ', '\t', '\u00a0', '\u2003', '\u3000', '\u0085', '');
  // What the surroundings may be made of: anything that can't be taken for a part of a block.
  const prose = fc.string({ unit: 'grapheme' }).filter((words) => !words.includes('-'));

  test('white space anywhere in the base64 changes nothing, unless it makes a blank line', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: base64.length }), blank), { maxLength: 20 }), (insertions) => {
        let body = base64;
        for (const [position, blanks] of insertions) body = body.slice(0, position) + blanks + body.slice(position);
        fc.pre(!/\n\n|\r\n\r\n/.test(body.replace(/^[ \t\r\n]*/, '')));
        expect(describeCertificate(wrap(body).replace(/\s+-----END/, '-----END')).fingerprintSha256).toBe(fingerprint);
      }),
    );
  });

  test('prose around the block changes nothing', () => {
    fc.assert(
      fc.property(prose, prose, (before, after) => {
        expect(describeCertificate(`${before}\n${text}${after}`).fingerprintSha256).toBe(fingerprint);
      }),
    );
  });

  test('any other character in the base64 refuses the text', () => {
    const strange = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
      .filter((character) => !/[A-Za-z0-9+/\s\u0085]/.test(character));
    fc.assert(
      fc.property(fc.nat({ max: base64.length - 3 }), strange, (position, character) => {
        const body = base64.slice(0, position) + character + base64.slice(position);
        expect(() => describeCertificate(wrap(body))).toThrow(NotACertificate);
      }),
    );
  });
});
