import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFile } from '../../../src/dialects/strata/file-content.ts';

const anyFile = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));

test('base64 of any file is read, with blanks and line breaks anywhere and with its padding or without', () => {
  fc.assert(
    fc.property(anyFile, fc.integer({ min: 1, max: 100 }), fc.boolean(), (file, width, isPadded) => {
      const text = file.toString('base64').replaceAll(new RegExp(`.{${width}}`, 'g'), '$& \t\r\n');
      expect(decodeFile(isPadded ? text : text.replaceAll('=', ''))).toEqual(file);
    }),
  );
});

test('what is read stands for one file alone: written again, it is the same', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9+/=\n -]{0,12}$/), (text) => {
      const file = decodeFile(text);
      if (file !== undefined) {
        const [given, again] = [text, file.toString('base64')].map((form) => form.replaceAll(/[ \t\r\n=]/g, ''));
        expect(given).toBe(again);
      }
    }),
  );
});

test.each(['', '=', 'Q', 'QQ=Q', 'QQ===', 'QUI==', 'QUJD=', 'QR==', 'Q\u00a0Q=', '_-_-', 'ＱＱ==', 'QQ==\0'])(
  '%j is no base64',
  (text) => {
    expect(decodeFile(text)).toBeUndefined();
  },
);

test('PEM is taken as it is, also behind blanks', () => {
  const text = ' \r\n-----BEGIN ÄNYTHING-----';
  expect(decodeFile(text)?.toString()).toBe(text);
  expect(decodeFile('--BEGIN')).toBeUndefined();
});
