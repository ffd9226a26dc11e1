import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldCase, isNameTooLong } from '../../src/keypairs/name.ts';

const text = fc.string({ unit: 'binary' });

describe('a folded text', () => {
  it.each([
    ['straße', 'STRAßE'],
    ['ŉ', 'ŉ'],
    ['ﬀ', 'ﬀ'],
    ['ΐ', 'ΐ'],
    ['Ä', 'Ä'],
    ['ä', 'Ä'],
    ['a\u0308', 'A\u0308'],
    ['ÿ', 'Ÿ'],
    ['µ', '\u039c'],
    ['ς', 'Σ'],
    ['σ', 'Σ'],
    ['ı', 'I'],
    ['İ', 'İ'],
    ['ǆ', 'Ǆ'],
    ['ǅ', 'Ǆ'],
    ['ა', 'Ა'],
    ['\u{10428}\u{10400}', '\u{10400}\u{10400}'],
    ['😀%_\\', '😀%_\\'],
    ['漢字', '漢字'],
  ])('of %s is %s', (given, folded) => {
    expect(foldCase(given)).toBe(folded);
  });

  it('is that of PostgreSQL, not of the language: no code point becomes two', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(Array.from(foldCase(given))).toHaveLength(Array.from(given).length);
      }),
    );
  });

  it('is folded already, whatever the character', () => {
    const all = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) => code < 0xd800 || code > 0xdfff);
    expect(
      all.filter((code) => foldCase(foldCase(String.fromCodePoint(code))) !== foldCase(String.fromCodePoint(code))),
    ).toEqual([]);
  });

  it('of ASCII is upper case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (given) => {
        expect(foldCase(given)).toBe(given.toUpperCase());
      }),
    );
  });

  it('does not depend on its neighbours, so that a part of a name is found in the name', () => {
    fc.assert(
      fc.property(text, text, text, (before, part, after) => {
        expect(foldCase(before + part + after)).toBe(foldCase(before) + foldCase(part) + foldCase(after));
      }),
    );
  });

  it('is the same for a name and for what its upper case and lower case are, where that is one to one', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abcXYZäÖéñŁжЩδΩ\u{10428}\u{10400}') }), (given) => {
        expect(foldCase(given.toLowerCase())).toBe(foldCase(given));
        expect(foldCase(given.toUpperCase())).toBe(foldCase(given));
      }),
    );
  });
});

describe('a name', () => {
  it.each([
    ['x', 1],
    ['é', 2],
    ['漢', 3],
    ['😀', 4],
  ])('of %s may have 2,048 bytes of UTF-8, not one more', (character, bytes) => {
    const longest = character.repeat(Math.floor(2048 / bytes)) + 'x'.repeat(2048 % bytes);
    expect(Buffer.byteLength(longest)).toBe(2048);
    expect(isNameTooLong(longest)).toBe(false);
    expect(isNameTooLong(`${longest}x`)).toBe(true);
    expect(isNameTooLong(character.repeat(Math.floor(2048 / bytes) + 1))).toBe(true);
  });

  it('may be short', () => {
    expect(isNameTooLong('')).toBe(false);
    expect(isNameTooLong('web')).toBe(false);
  });
});
