import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opensCanary, sealCanary } from '../../src/sealing/envelope.ts';
import { generateKek, KekMalformed, parseKek, parseKeks } from '../../src/sealing/index.ts';

const bytes = (length: number) => randomBytes(length).toString('base64');

function expectMalformed(text: string): void {
  let thrown: unknown;
  try {
    parseKek(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(KekMalformed);
  expect((thrown as KekMalformed).code).toBe('KEK_MALFORMED');
  // One constant message: whatever was given, no part of it can be in there.
  expect((thrown as KekMalformed).message).toBe('a key-encryption key is exactly 32 bytes in base64');
  expect((thrown as KekMalformed).cause).toBeUndefined();
}

describe('a key-encryption key', () => {
  it('is any 32 bytes in base64', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        expect(new Uint8Array(parseKek(Buffer.from(key).toString('base64')))).toEqual(key);
      }),
    );
  });

  it('may have white space around it, as a file that openssl wrote has', () => {
    const text = bytes(32);
    expect(parseKek(`  ${text}\n`).toString('base64')).toBe(text);
    expect(parseKek(`\t${text}\r\n`).toString('base64')).toBe(text);
  });

  it('is another one each time it is made, and can be read', () => {
    const made = Array.from({ length: 20 }, generateKek);
    expect(new Set(made).size).toBe(made.length);
    expect(made.map((text) => parseKek(text).length)).toEqual(made.map(() => 32));
  });

  it('has no other length', () => {
    for (const length of [0, 1, 16, 24, 31, 33, 48, 64]) {
      expectMalformed(bytes(length));
    }
  });

  it.each([
    ['hexadecimal', randomBytes(32).toString('hex')],
    ['hexadecimal of as many characters', randomBytes(22).toString('hex')],
    ['base64url', `${'-_'.repeat(21)}A=`],
    ['base64 without its padding', bytes(32).slice(0, -1)],
    ['base64 with too much padding', `${bytes(32)}=`],
    ['a text of 32 characters', 'correct horse battery staple 32!'],
    ['two keys', bytes(32) + bytes(32)],
    ['quoted', `"${bytes(32)}"`],
    ['nothing', ''],
    ['blank', ' \n'],
  ])('is not %s', (_kind, text) => {
    expectMalformed(text);
  });

  it('holds no white space', () => {
    const text = bytes(32);
    for (const blank of [' ', '\n', '\r\n', '\t', '\u00a0']) {
      expectMalformed(text.slice(0, 20) + blank + text.slice(20));
    }
  });

  it('has one text only: the last character carries no bit that would be dropped', () => {
    const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const start = bytes(32).slice(0, 42);
    const accepted = Array.from(ALPHABET).filter((last) => {
      try {
        return parseKek(`${start}${last}=`).length === 32;
      } catch {
        return false;
      }
    });
    // 43 characters hold 258 bits: only those with the lowest two clear are canonical.
    expect(accepted).toEqual(Array.from(ALPHABET).filter((_, value) => value % 4 === 0));
  });
});

describe('several key-encryption keys', () => {
  const keks = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 6 });
  const separators = fc.stringMatching(/^[ \t\r\n]*[ \t\r\n,][ \t\r\n]*$/);

  it('are read with white space or commas between, in their order, each once', () => {
    fc.assert(
      fc.property(keks, separators, separators, (keys, separator, around) => {
        const texts = keys.map((key) => Buffer.from(key).toString('base64'));
        const read = parseKeks(around + texts.join(separator) + around).map((kek) => kek.toString('base64'));
        expect(read).toEqual([...new Set(texts)]);
      }),
    );
  });

  it('are refused where one is malformed, by its position and without its text', () => {
    fc.assert(
      fc.property(keks, fc.nat(), fc.base64String({ minLength: 8, maxLength: 80 }), (keys, at, bad) => {
        fc.pre(Buffer.from(bad, 'base64').length !== 32);
        const texts: string[] = keys.map((key) => Buffer.from(key).toString('base64'));
        const position = at % (texts.length + 1);
        texts.splice(position, 0, bad);
        const refused = refusalOf(texts.join(', '));
        expect(refused).toBeInstanceOf(KekMalformed);
        expect(refused?.message).toMatch(new RegExp(`exactly 32 bytes in base64; number ${position + 1} of`));
        expect(texts.filter((text) => refused?.message.includes(text))).toEqual([]);
      }),
    );
  });

  it.each(['', ' \n', ',', ' , '])('are not nothing (%j)', (text) => {
    expect(refusalOf(text)).toBeInstanceOf(KekMalformed);
  });
});

function refusalOf(text: string): Error | undefined {
  try {
    parseKeks(text);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

describe('a canary', () => {
  const kekId = '5b1d6a52-0f70-4c6e-8d0b-9b6f6d6b0a11';

  it('is opened by the key that sealed it, under its id, and by nothing else', () => {
    const kek = parseKek(generateKek());
    const canary = sealCanary(kek, kekId);
    expect(opensCanary(kek, kekId, canary)).toBe(true);
    expect(opensCanary(parseKek(generateKek()), kekId, canary)).toBe(false);
    expect(opensCanary(kek, '5b1d6a52-0f70-4c6e-8d0b-9b6f6d6b0a12', canary)).toBe(false);
  });

  it('is not opened with any bit changed, or cut off', () => {
    const kek = parseKek(generateKek());
    const canary = sealCanary(kek, kekId);
    for (let bit = 0; bit < canary.length * 8; bit++) {
      const changed = Uint8Array.from(canary, (byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(opensCanary(kek, kekId, changed)).toBe(false);
    }
    for (let length = 0; length < canary.length; length++) {
      expect(opensCanary(kek, kekId, canary.subarray(0, length))).toBe(false);
    }
  });

  it('that other software made is known here', () => {
    // Python's `cryptography`, with the KEK 00 01 … 1f
    const canary = Buffer.from(
      'dcdddedfe0e1e2e3e4e5e6e78100a598ce3aa312b80f38d0cb15bc210d20ae35b987d4c50bd393688dd5be',
      'hex',
    );
    expect(
      opensCanary(
        Uint8Array.from({ length: 32 }, (_, index) => index),
        kekId,
        canary,
      ),
    ).toBe(true);
  });
});
