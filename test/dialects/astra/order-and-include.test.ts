import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { includeOf, MAX_INCLUDED } from '../../../src/dialects/astra/include.ts';
import { orderOf } from '../../../src/dialects/astra/order.ts';
import { UnsoundParameter } from '../../../src/dialects/astra/parameters.ts';

/** Contract §2. */
const FIELDS = [
  ...['type', 'version', 'id', 'certUse', 'cert', 'cn', 'expiryTimestamp', 'isSelfSigned', 'trustState'],
  ...['trustStateTransitions', 'trustStateDesired', 'trustStateDetails', 'metadata'],
];
/** Contract §3.6, as it stands there. */
const VENDORS_INCLUDE = /^([0-9a-zA-Z]+)(,[0-9a-zA-Z]+)*$/;

describe('§3.6: include', () => {
  test('takes every field of the top level, in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(FIELDS, { minLength: 1 }), (names) => {
        expect(includeOf(names.join(','))).toEqual(names);
      }),
    );
  });

  test('takes nothing that the pattern does not, and no name that is no field', () => {
    const parts = fc.constantFrom('cn', 'id', ',', ' ', 'a', '.', 'CN', 'toString', 'é', '[*]', '\n');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 6 }), (words) => {
        const written = words.join('');
        const isSound = VENDORS_INCLUDE.test(written) && written.split(',').every((name) => FIELDS.includes(name));
        const read = () => includeOf(written);
        isSound ? expect(read()).toEqual(written.split(',')) : expect(read).toThrow(UnsoundParameter);
      }),
    );
  });

  test('takes a field twice, and no more names than there are fields', () => {
    expect(includeOf('cn,id,cn')).toEqual(['cn', 'id', 'cn']);
    expect(MAX_INCLUDED).toBe(FIELDS.length);
    expect(() => includeOf(`${FIELDS.join(',')},cn`)).toThrow(UnsoundParameter);
  });
});

describe('§3.6: orderBy', () => {
  test.each([
    ['version', 'resourceVersion'],
    ['id', 'id'],
    ['certUse', 'use'],
    ['cn', 'commonName'],
    ['expiryTimestamp', 'notAfter'],
    ['isSelfSigned', 'statedSelfSigned'],
    ['trustState', 'state'],
    ['trustStateDesired', 'desired'],
  ])('%s, upwards and downwards', (name, field) => {
    expect(orderOf(name)).toEqual({ field, descending: false });
    expect(orderOf(`${name} desc`)).toEqual({ field, descending: true });
    expect(orderOf(`${name}%20desc`)).toEqual({ field, descending: true });
  });

  test.each(['type', 'type desc'])('%s: all are alike, so by their ids', (written) => {
    expect(orderOf(written)).toEqual({ field: 'id', descending: false });
  });

  test.each([
    ...['cert', 'metadata', 'trustStateTransitions', 'trustStateDetails', 'metadata.creationTimestamp', 'name', 'CN'],
    ...[
      '',
      ' ',
      'cn asc',
      'cn DESC',
      'cn  desc',
      'cn desc ',
      ' cn',
      'cn,id',
      'cn desc desc',
      'cndesc',
      'cn+desc',
      'desc',
    ],
    ...['constructor', '__proto__', 'cn\n', 'cn%20%20desc'],
  ])('%j is none', (written) => {
    expect(() => orderOf(written)).toThrow(UnsoundParameter);
  });
});
