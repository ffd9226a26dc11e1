import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, UndecodableText } from '../../../src/dialects/authentik/charset.ts';
import { firstUtf8Error } from '../../../src/dialects/authentik/utf8.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

// The messages are what CPython 3.11 said of the same bytes.
describe('what is no UTF-8', () => {
  it.each([
    ['ff', 'byte 0xff in position 0: invalid start byte'],
    ['7b 80', 'byte 0x80 in position 1: invalid start byte'],
    ['c0 af', 'byte 0xc0 in position 0: invalid start byte'],
    ['f5 80 80 80', 'byte 0xf5 in position 0: invalid start byte'],
    ['c3 28', 'byte 0xc3 in position 0: invalid continuation byte'],
    ['e0 80 80', 'byte 0xe0 in position 0: invalid continuation byte'],
    ['ed a0 80', 'byte 0xed in position 0: invalid continuation byte'],
    ['f0 8f bf bf', 'byte 0xf0 in position 0: invalid continuation byte'],
    ['f4 90 80 80', 'byte 0xf4 in position 0: invalid continuation byte'],
    ['e2 82 28', 'bytes in position 0-1: invalid continuation byte'],
    ['f0 9f 98 28', 'bytes in position 0-2: invalid continuation byte'],
    ['41 c3', 'byte 0xc3 in position 1: unexpected end of data'],
    ['41 e2 82', 'bytes in position 1-2: unexpected end of data'],
    ['c3 a9 f0 9f 98', 'bytes in position 2-4: unexpected end of data'],
  ])('%s is refused as Python refuses it', (hex, problem) => {
    expect(() => decodeText(bytes(hex))).toThrow(new UndecodableText(`'utf-8' codec can't decode ${problem}`));
  });

  it('is found exactly where a decoder finds it', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const isSound = (input: Uint8Array) => {
      try {
        decoder.decode(input);
        return true;
      } catch {
        return false;
      }
    };
    const edges = [
      0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5,
    ];
    const input = fc.array(fc.oneof(fc.constantFrom(...edges), fc.nat(255)), { maxLength: 8 });

    fc.assert(
      fc.property(input, (array) => {
        const sample = Uint8Array.from(array);
        const error = firstUtf8Error(sample);
        expect(error === undefined).toBe(isSound(sample));
        if (error !== undefined) {
          expect(isSound(sample.subarray(0, error.start))).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a text in another charset', () => {
  it.each([
    ['utf-8-sig', 'efbbbf 7b7d'],
    ['utf_8_sig', '7b7d'],
    ['u8', '7b7d'],
    ['utf-16', 'fffe 7b00 7d00'],
    ['utf-16', 'feff 007b 007d'],
    ['UTF16', '7b00 7d00'],
    ['utf-16-le', '7b00 7d00'],
    ['utf_16_be', '007b 007d'],
    ['utf-16le', '7b00 7d00'],
    ['cp1252', '7b 7d'],
  ])('called %s by Python is read', (charset, hex) => {
    expect(decodeText(bytes(hex), charset)).toBe('{}');
  });

  it('keeps a byte order mark where its charset has none', () => {
    expect(decodeText(bytes('fffe 7b00'), 'utf-16-le')).toBe('\ufeff{');
    expect(decodeText(bytes('efbbbf 7b'), 'utf-8')).toBe('\ufeff{');
  });

  it.each(['latin-1', 'iso-8859-1', 'latin1', 'l1', 'iso8859_1', 'cp819', '8859'])('is read as %s', (charset) => {
    expect(decodeText(bytes('7b e9 80'), charset)).toBe('{\u00e9\u0080');
  });

  it.each(['ascii', 'us-ascii'])('is refused where %s has no such byte', (charset) => {
    expect(() => decodeText(bytes('7b e9'), charset)).toThrow(
      new UndecodableText("'ascii' codec can't decode byte 0xe9 in position 1: ordinal not in range(128)"),
    );
    expect(decodeText(bytes('7b 7d'), charset)).toBe('{}');
  });

  it('counts for UTF-8 where nobody knows the charset', () => {
    expect(decodeText(bytes('c3 a9'), 'klingon')).toBe('\u00e9');
  });
});
