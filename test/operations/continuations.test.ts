import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { auditKeyOf } from '../../src/audit/index.ts';
import { continuationTexts } from '../../src/operations/continuations.ts';
import { openssl } from '../support/openssl.ts';

const [old, current] = [auditKeyOf(randomBytes(32)), auditKeyOf(randomBytes(32))];

test('a token that was made before the audit key was changed is known afterwards, and of another server never', () => {
  const before = continuationTexts({ current: old, all: [old] });
  const token = before.protect('page 2');

  expect(before.recover(token)).toBe('page 2');
  expect(continuationTexts({ current, all: [current, old] }).recover(token)).toBe('page 2');
  // A replica that has the new key in its list already, and still writes with the old one.
  expect(continuationTexts({ current: old, all: [current, old] }).protect('page 2')).toBe(token);
  expect(continuationTexts({ current, all: [current] }).recover(token)).toBeUndefined();
});

test('its keys are what OpenSSL makes of the audit keys by HKDF-SHA256', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const options = ['digest:SHA256', `hexkey:${hex(current.key)}`, 'info:certkeep continue token'];
  const derived = openssl(['kdf', '-keylen', '32', ...options.flatMap((option) => ['-kdfopt', option]), 'HKDF']);
  const key = derived.trim().replaceAll(':', '').toLowerCase();
  const mac = openssl(['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${key}`], 'page 2');

  const token = Buffer.from(continuationTexts({ current, all: [current] }).protect('page 2'), 'base64');
  expect(mac.trim().split('= ')[1]).toBe(hex(token.subarray(0, 32)));
});
