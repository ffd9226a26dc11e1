import { expect, test } from 'vitest';
import { holds } from './holds.ts';

const ID = '0b2f3c1e-6a55-4f0e-9d52-1f6f0a1c2b3d';
const OTHER = '7d9e2a40-1111-4222-8333-444455556666';

test('accepts more keys than recorded, at any depth and in any order', () => {
  expect(holds({ pagination: { count: 0 } }, { extra: 1, pagination: { more: 2, count: 0 } })).toBeUndefined();
});

test.each([
  ['a missing key', { fingerprint_sha256: '<volatile>' }, {}],
  ['null for what is made anew', { cert_expiry: '<volatile>' }, { cert_expiry: null }],
  ['nothing for what is made anew', { data: '<volatile>' }, { data: '' }],
  ['another form of what is made anew', { fingerprint_sha1: '<volatile>' }, { fingerprint_sha1: 'ab:cd' }],
  ['an id that is none', { pk: '<pk>' }, { pk: 'x' }],
  ['a link to another pair', { pk: '<pk>', url: '/<uuid>/?download' }, { pk: ID, url: `/${OTHER}/?download` }],
  ['a longer list', [1], [1, 2]],
  ['text for a number', { count: 1 }, { count: '1' }],
  ['a missing key for null', { managed: null }, {}],
])('refuses %s', (_name, wanted, got) => {
  expect(holds(wanted, got)).toBeDefined();
});

test('accepts a link to the pair itself, and fingerprints and times of their form', () => {
  const wanted = { pk: '<pk>', url: '/<uuid>/?download', cert_expiry: '<volatile>' };
  expect(holds(wanted, { pk: ID, url: `/${ID}/?download`, cert_expiry: '2036-11-18T20:44:45Z' })).toBeUndefined();
});
