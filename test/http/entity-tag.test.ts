import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entityTagOf, includesStrongly, includesWeakly, parseTagList } from '../../src/http/entity-tag.ts';
import { quickest } from '../support/quickest.ts';

/** RFC 9110 §8.8.3: etagc, as Node gives headers. */
const opaque = fc
  .array(
    fc
      .integer({ min: 0x21, max: 0xff })
      .filter((code) => code !== 0x22 && code !== 0x7f && !(code > 0x7e && code < 0x80)),
  )
  .map((codes) => `"${String.fromCharCode(...codes)}"`);
const tag = fc.tuple(fc.constantFrom('', 'W/'), opaque).map((parts) => parts.join(''));
/** RFC 9110 §5.6.1.2: empty elements and blanks count for nothing. */
const separator = fc.constantFrom(',', ', ', ' ,\t', ',,', ' , , ');
const edge = fc.constantFrom('', ' ', ',', ' ,', ', ');

test('the tag of a content is its MD5, quoted (RFC 1321 §A.5)', () => {
  expect(entityTagOf('')).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
  expect(entityTagOf('message digest')).toBe('"f96b697d7cb7938d525a2f31aaf161d0"');
  expect(entityTagOf('ü')).toBe(entityTagOf(Buffer.from('ü')));
});

describe('lists of tags', () => {
  test('are read however they are divided, commas within tags and obs-text included', () => {
    fc.assert(
      fc.property(
        fc.array(tag, { minLength: 1 }),
        fc.array(separator),
        edge,
        edge,
        (tags, separators, before, after) => {
          const text = tags.map((one, index) => (index === 0 ? one : `${separators[index] ?? ','}${one}`)).join('');
          expect(parseTagList(`${before}${text}${after}`)).toEqual(tags);
        },
      ),
    );
  });

  test.each([' * ', '*'])('%j is any', (text) => expect(parseTagList(text)).toBe('*'));

  test.each([
    ...['', ' ', ',', 'x', '"x', 'x"', '"x" "y"', '"x""y"', "'x'", 'w/"x"', 'W/x', 'W/ "x"', '"x y"', '"x\x7f"'],
    ...['*, "x"', '"x", *', '"x", y', '"\u0100"', '"x";'],
  ])('%j is none', (text) => expect(parseTagList(text)).toBeUndefined());

  test('a long one that is none is told so at once', async () => {
    const long = `${'"x" , '.repeat(2_000)}${' ,'.repeat(6_000)}x`;
    expect(await quickest(() => expect(parseTagList(long)).toBeUndefined(), 200)).toBeLessThan(200);
  });
});

describe('comparison (RFC 9110 §8.8.3.2, its table)', () => {
  test.each([
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', 'W/"1"', false, true],
    ['"1"', '"1"', true, true],
  ])('%s and %s', (first, second, strong, weak) => {
    expect([includesStrongly([first], second), includesWeakly([first], second)]).toEqual([strong, weak]);
  });

  test('what matches strongly matches weakly; any matches everything', () => {
    fc.assert(
      fc.property(fc.array(tag), tag, (list, one) => {
        expect(includesStrongly(list, one) && !includesWeakly(list, one)).toBe(false);
        expect([includesStrongly('*', one), includesWeakly('*', one)]).toEqual([true, true]);
      }),
    );
  });
});
