import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachment } from '../../../src/dialects/authentik/download.ts';
import { Refusal } from '../../../src/dialects/authentik/errors.ts';

// The headers are what Django 5.2 on Python 3.11 sent.
describe('the file name of a download', () => {
  it.each([
    ['web', 'attachment; filename="web_certificate.pem"'],
    ['', 'attachment; filename="_certificate.pem"'],
    ['a"b; c=\\d', 'attachment; filename="a"b; c=\\d_certificate.pem"'],
    ['~!@#$%^&*()', 'attachment; filename="~!@#$%^&*()_certificate.pem"'],
    ['Ä Ö ß', 'attachment; filename="Ä Ö ß_certificate.pem"'],
    ['\u00a0ÿ', 'attachment; filename="\u00a0ÿ_certificate.pem"'],
    ['a\tb', 'attachment; filename="a\tb_certificate.pem"'],
    ['\x80\x85\x9f', 'attachment; filename="\x80\x85\x9f_certificate.pem"'],
  ])('%j stands in the header as it is', (name, header) => {
    expect(attachment(name, 'certificate')).toBe(header);
  });

  it.each([
    ['web Ж', '=?utf-8?b?YXR0YWNobWVudDsgZmlsZW5hbWU9IndlYiDQll9jZXJ0aWZpY2F0ZS5wZW0i?='],
    ['漢字', '=?utf-8?b?YXR0YWNobWVudDsgZmlsZW5hbWU9Iua8ouWtl19jZXJ0aWZpY2F0ZS5wZW0i?='],
    ['😀', '=?utf-8?b?YXR0YWNobWVudDsgZmlsZW5hbWU9IvCfmIBfY2VydGlmaWNhdGUucGVtIg==?='],
    ['日\x01b', '=?utf-8?b?YXR0YWNobWVudDsgZmlsZW5hbWU9IuaXpQFiX2NlcnRpZmljYXRlLnBlbSI=?='],
    ['日\tb', '=?utf-8?b?YXR0YWNobWVudDsgZmlsZW5hbWU9IuaXpQliX2NlcnRpZmljYXRlLnBlbSI=?='],
    ['a_b?=€', '=?utf-8?b?YXR0YWNobWVudDsgZmlsZW5hbWU9ImFfYj894oKsX2NlcnRpZmljYXRlLnBlbSI=?='],
    [`${'x'.repeat(40)}Ł`, `=?utf-8?q?attachment=3B_filename=3D=22${'x'.repeat(40)}=C5=81=5Fcertificate=2Epem=22?=`],
  ])('%j, beyond Latin-1, makes the whole header an encoded word', (name, header) => {
    expect(attachment(name, 'certificate')).toBe(header);
  });

  it('says which of the two texts it is', () => {
    expect(attachment('web', 'private_key')).toBe('attachment; filename="web_private_key.pem"');
    expect(attachment('€', 'private_key')).toBe('=?utf-8?b?YXR0YWNobWVudDsgZmlsZW5hbWU9IuKCrF9wcml2YXRlX2tleS5wZW0i?=');
  });

  it.each(['a\nb', 'a\rb', 'a\0b', 'a\x1bb', 'a\x1fb', 'a\x7fb'])(
    'can not be %j, which HTTP does not carry',
    (name) => {
      expect(() => attachment(name, 'certificate')).toThrow(unnameable);
    },
  );

  it.each(['Ж\n', 'Ж\r', 'Ж\v', 'Ж\f', 'Ж\x1c', 'Ж\x1e', 'Ж\x85', 'a\u2028b', 'a\u2029b'])(
    'can not be %j, which the original divides into lines',
    (name) => {
      expect(() => attachment(name, 'certificate')).toThrow(unnameable);
    },
  );

  it('never lets a name out of the header, and can always be read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const header = headerOf(name);
        if (header !== undefined) {
          expect(header).toMatch(/^[\t\x20-\x7e\x80-\xff]+$/);
          expect(decoded(header)).toBe(`attachment; filename="${name}_certificate.pem"`);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const unnameable = expect.objectContaining({
  status: 400,
  body: { detail: expect.stringContaining('control characters') },
});

function headerOf(name: string): string | undefined {
  try {
    return attachment(name, 'certificate');
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return undefined;
  }
}

/** RFC 2047 §4. */
function decoded(header: string): string {
  const [, encoding, text = ''] = /^=\?utf-8\?([bq])\?([^? ]+)\?=$/.exec(header) ?? [];
  if (encoding === undefined) {
    return header;
  }
  const bytes =
    encoding === 'b'
      ? Buffer.from(text, 'base64')
      : Buffer.from(
          text
            .replaceAll('_', ' ')
            .replaceAll(/=([0-9A-F]{2})/g, (_whole, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
          'latin1',
        );
  return bytes.toString('utf8');
}
